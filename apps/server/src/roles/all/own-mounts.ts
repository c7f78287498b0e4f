import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Account, runAs } from '../../platform/db/embedded/index.ts'

export type Needs = { readonly checkout: string; readonly node: string; readonly dataDir: string }

/** Whether the account can read the program, run Node and write the data, wherever they lie. */
export const canReach = async (account: Account, { checkout, node, dataDir }: Needs): Promise<boolean> =>
  runAs(account, [
    'sh',
    '-c',
    'test -r "$1" && test -x "$2" && test -w "$3"',
    'sh',
    join(checkout, 'package.json'),
    node,
    dataDir,
  ]).then(
    () => true,
    () => false,
  )

/**
 * Starts this program again in a mount namespace where checkout, Node and data are bound below /var/lib, and does not
 * return. A checkout in /root cannot be entered by any other user, and the answer to that is neither to stay root nor
 * to open /root: nothing outside the namespace changes, and the mounts end with the process.
 */
export async function restartWithMounts(needs: Needs, given: Readonly<Record<string, string>>): Promise<never> {
  // Not below /run: the executor's attendant covers that with a file system of its own.
  const base = `/var/lib/crucible-${createHash('sha256').update(needs.dataDir).digest('hex').slice(0, 12)}`
  const inside = { checkout: join(base, 'checkout'), data: join(base, 'data'), node: join(base, 'node') }
  await mkdir(inside.checkout, { recursive: true })
  await mkdir(inside.data, { recursive: true })
  await writeFile(inside.node, '', { flag: 'a' })
  const script =
    'set -e; mount --bind "$1" "$4"; mount --bind "$2" "$5"; mount --bind "$3" "$6"; shift 6; cd "$1"; shift; exec "$@"'
  const main = join(inside.checkout, 'apps/server/src/main.ts')
  const command = [inside.node, '--disable-warning=ExperimentalWarning', main, 'all', '--inside', needs.dataDir]
  const env = { ...given, CRUCIBLE_DATA_DIR: inside.data, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }
  process.execve?.(
    '/usr/bin/unshare',
    [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      '--',
      'sh',
      '-c',
      script,
      'sh',
      needs.checkout,
      needs.dataDir,
      needs.node,
      inside.checkout,
      inside.data,
      inside.node,
      inside.checkout,
      ...command,
    ],
    env,
  )
  throw new Error(
    'this Node cannot replace itself (process.execve is missing); move the checkout to where other users can read it',
  )
}
