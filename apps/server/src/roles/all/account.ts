import { chmod, chown, mkdir, stat } from 'node:fs/promises'
import { type Account, canUseUserNamespaces } from '../../platform/db/embedded/index.ts'

const nobody = { uid: 65_534, gid: 65_534 }

/**
 * Who the server and its database run as: under root never root, but the user whose data directory it already is, else
 * the user id before the sandboxes' first. That number needs no entry in /etc/passwd, except where user namespaces are
 * refused: then it is `nobody`, for PostgreSQL insists on a name.
 */
export async function chooseAccount(dataDir: string, uidBase: number): Promise<Account> {
  if (process.getuid?.() !== 0) return null
  const found = await stat(dataDir).catch(() => null)
  if (found !== null && found.uid !== 0) return { uid: found.uid, gid: found.gid }
  const account = { uid: uidBase - 1, gid: uidBase - 1 }
  return (await canUseUserNamespaces(account)) ? account : nobody
}

/** Makes the data directory if need be and gives it to the account; nobody else may look in. */
export async function prepareDataDir(dataDir: string, account: Account): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const found = await stat(dataDir)
  const uid = account?.uid ?? process.getuid?.()
  if (found.uid !== uid) {
    if (account === null)
      throw new Error(
        `${dataDir} belongs to user ${found.uid}: start as that user or as root, or set CRUCIBLE_DATA_DIR to another directory.`,
      )
    await chown(dataDir, account.uid, account.gid)
  }
  await chmod(dataDir, 0o700)
}
