import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/** Whom to run as: null is who we are; under root always somebody else, for PostgreSQL refuses root. */
export type Account = { readonly uid: number; readonly gid: number } | null

/**
 * `command` under `account`. PostgreSQL wants to find its user in /etc/passwd; a number without an entry becomes
 * `nobody` in a user namespace of its own, while the files stay the number's.
 */
export async function wrap(account: Account, command: readonly string[]): Promise<string[]> {
  const uid = account?.uid ?? process.getuid?.() ?? 0
  if (uid === 0) throw new Error('PostgreSQL does not run as root')
  if (await hasPasswdEntry(uid)) return [...command]
  return ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--', ...command]
}

async function hasPasswdEntry(uid: number): Promise<boolean> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  return lines.some((line) => line.split(':')[2] === String(uid))
}

/** Whether an account without a passwd entry could run PostgreSQL here. */
export const canUseUserNamespaces = async (account: Account): Promise<boolean> =>
  run(account, ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--', 'true']).then(
    () => true,
    () => false,
  )

/** Runs to the end; rejects with what it wrote to stderr when that is not success. */
export function run(account: Account, [file = '', ...args]: readonly string[], input = ''): Promise<void> {
  const child = spawn(file, args, {
    ...account,
    env: environment,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: 60_000,
  })
  child.stdin.on('error', () => {}).end(input) // it may end without reading
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${file} ended with ${code ?? signal}: ${said.trim()}`)),
    )
  })
}

/** Nothing of ours: no secret, no locale, no PG* variable changes what PostgreSQL does. */
export const environment = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C.UTF-8', TZ: 'UTC' }
