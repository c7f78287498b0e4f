/**
 * Writes files into a work directory that an earlier run may have prepared against us: a link where we mean to write would
 * have the executor, perhaps root, write to the host. Safe because no process of the sandbox lives between runs: what is
 * checked stays so until it is used.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { EngineFault } from '../engine.ts'

export type Owner = { readonly uid: number; readonly gid: number } | null // null: the executor's own user
export type FileToPut = { readonly path: string; readonly content: Uint8Array; readonly mode?: number }

export function putFiles(root: string, files: readonly FileToPut[], owner: Owner): void {
  for (const file of files) {
    const path = normalize(file.path)
    if (isAbsolute(path) || path === '.' || path === '..' || path.startsWith('../') || path.includes('\0')) {
      throw new EngineFault(`The path ${JSON.stringify(file.path)} is not inside the work directory.`)
    }
    try {
      makeParents(root, dirname(path), owner)
      const target = join(root, path)
      // Removes a link itself, never what it points to.
      if (lstatSync(target, { throwIfNoEntry: false })) rmSync(target, { recursive: true, force: true })
      writeFileSync(target, file.content, { flag: 'wx', mode: 0o600 })
      if (owner) chownSync(target, owner.uid, owner.gid)
      chmodSync(target, (file.mode ?? 0o644) & 0o777)
    } catch (cause) {
      throw new EngineFault(`The file ${JSON.stringify(file.path)} could not be written into the work directory.`, { cause })
    }
  }
}

function makeParents(root: string, relative: string, owner: Owner): void {
  if (relative === '.') return
  let here = root
  for (const name of relative.split('/')) {
    here = join(here, name)
    const stat = lstatSync(here, { throwIfNoEntry: false })
    if (stat?.isDirectory()) {
      if (!owner && (stat.mode & 0o700) !== 0o700) chmodSync(here, stat.mode | 0o700) // a program may have locked us out
      continue
    }
    if (stat) rmSync(here, { force: true })
    mkdirSync(here, { mode: 0o755 })
    if (owner) chownSync(here, owner.uid, owner.gid)
  }
}
