/** A work directory while it is in no pod: what was put, and what the last pod told of it. */
import { EngineFault } from '../../engine.ts'

export type Entry =
  | { readonly kind: 'file'; readonly mode: number; readonly content: Buffer }
  | { readonly kind: 'directory'; readonly mode: number }
  | { readonly kind: 'link'; readonly target: Buffer }
/** By path relative to the work directory, as latin1 so that any bytes survive; parents come before what is in them. */
export type Tree = Map<string, Entry>

const pageBytes = 4096

/** Replaces what is in the way, as writing into the directory itself would. */
export function putFile(tree: Tree, file: { path: string; content: Uint8Array; mode?: number }): void {
  const parts = Buffer.from(file.path, 'utf8')
    .toString('latin1')
    .split('/')
    .filter((part) => part !== '.')
  if (parts.length === 0 || parts.some((part) => part === '' || part === '..' || part.includes('\0'))) {
    throw new EngineFault(`The path ${JSON.stringify(file.path)} is not inside the work directory.`)
  }
  parts.slice(0, -1).forEach((_, index) => {
    const parent = parts.slice(0, index + 1).join('/')
    const found = tree.get(parent)
    if (found?.kind !== 'directory') tree.set(parent, { kind: 'directory', mode: 0o755 })
    else if ((found.mode & 0o700) !== 0o700) tree.set(parent, { ...found, mode: found.mode | 0o700 }) // a program may have locked us out
  })
  const path = parts.join('/')
  for (const other of [...tree.keys()]) if (other === path || other.startsWith(`${path}/`)) tree.delete(other)
  tree.set(path, { kind: 'file', mode: (file.mode ?? 0o644) & 0o777, content: Buffer.from(file.content) })
}

/** What it takes up in a file system in memory. */
export function sizeOf(tree: Tree): number {
  let bytes = pageBytes
  for (const entry of tree.values()) {
    bytes += pageBytes + (entry.kind === 'file' ? Math.ceil(entry.content.length / pageBytes) * pageBytes : 0)
  }
  return bytes
}
