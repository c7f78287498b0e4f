import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { Decoy, Placing } from './decoy.ts'

/** `@FILE@`: everybody may read and write it. `@DIR@` is the directory around it. */
export const placeFile = (placing: Placing): Promise<Decoy> => place(placing, 'FILE', 'file', 0o666)
/** `@PRIVATE@`: nobody but who runs the attacks may open it; under root, root. */
export const placePrivateFile = (placing: Placing): Promise<Decoy> => place(placing, 'PRIVATE', 'private', 0o600)

async function place({ directory, secret }: Placing, value: string, name: string, mode: number): Promise<Decoy> {
  const path = join(directory, name)
  writeFileSync(path, `${secret}\n`)
  await chmod(path, mode) // in spite of the umask
  const before = stateOf(path)
  return {
    values: { [value]: path, DIR: directory },
    disturbed() {
      const after = stateOf(path)
      const known = new Set(['file', 'private', 'socket'])
      const added = readdirSync(directory).filter((entry) => !known.has(entry))
      return [
        ...(after === before ? [] : ['the decoy file was changed, moved or removed']),
        ...added.map((entry) => `the file ${entry} was made beside the decoy`),
      ]
    },
    async remove() {},
  }
}

function stateOf(path: string): string {
  try {
    const { ino, mode, uid, gid, size, nlink, mtimeMs } = lstatSync(path)
    return [ino, mode, uid, gid, size, nlink, mtimeMs, readFileSync(path, 'latin1')].join(' ')
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}
