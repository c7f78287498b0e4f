import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './command.ts'

export type Places = { readonly cluster: string; readonly socket: string; readonly passwordFile: string }

const socketName = '/.s.PGSQL.5432'
const socketPathMax = 100 // the kernel takes 107 bytes; libraries differ by a few

export function placesOf(dataDir: string): Places {
  const near = join(dataDir, 'postgres-socket')
  const key = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const isShort = Buffer.byteLength(near + socketName) < socketPathMax
  return {
    cluster: join(dataDir, 'postgres'),
    socket: isShort ? near : `/tmp/crucible-${key}`, // still private: see `privateDirectory`
    passwordFile: join(dataDir, 'postgres-password'),
  }
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
