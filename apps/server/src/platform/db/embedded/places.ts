import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './command.ts'

export type Places = { readonly cluster: string; readonly socket: string; readonly passwordFile: string }

const socketPathMax = 100 // the kernel takes 107 bytes; libraries differ by a few

export const placesOf = (dataDir: string): Places => ({
  cluster: join(dataDir, 'postgres'),
  socket: shortDirectory(dataDir, 'postgres-socket', '.s.PGSQL.5432'),
  passwordFile: join(dataDir, 'postgres-password'),
})

/** Where sockets go: below the data directory, or, when that lies too deep for a socket's path, below /tmp. */
export function shortDirectory(dataDir: string, name: string, socketName: string): string {
  const near = join(dataDir, name)
  const key = createHash('sha256').update(near).digest('hex').slice(0, 16)
  // Guessable, hence `privateDirectory`, which takes nothing that is not ours.
  return Buffer.byteLength(join(near, socketName)) < socketPathMax ? near : `/tmp/crucible-${key}`
}

/** Made, or found to be a real directory of the account's that nobody else may enter: the name could be guessed in /tmp. */
export async function privateDirectory(path: string, account: Account): Promise<void> {
  const uid = account?.uid ?? process.getuid?.()
  await mkdir(path, { mode: 0o700, recursive: true })
  const found = await lstat(path)
  if (!found.isDirectory()) throw new Error(`${path} is not a directory`)
  if (found.uid !== uid) {
    if (account === null || found.uid !== process.getuid?.())
      throw new Error(`${path} belongs to uid ${found.uid}, not to ${uid}; remove it`)
    await chown(path, account.uid, account.gid)
  }
  await chmod(path, 0o700)
}
