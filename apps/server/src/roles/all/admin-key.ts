import { chown, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const adminKeyFile = (dataDir: string) => join(dataDir, 'admin-key')

/** Written whole or not at all, readable by who started Crucible and nobody else, the server's own user included. */
export async function writeAdminKey(dataDir: string, key: string): Promise<void> {
  const target = adminKeyFile(dataDir)
  const unfinished = `${target}.new`
  await rm(unfinished, { force: true })
  await writeFile(unfinished, `${key}\n`, { mode: 0o600, flag: 'wx' })
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  if (uid !== undefined && gid !== undefined) await chown(unfinished, uid, gid)
  await rename(unfinished, target)
}
