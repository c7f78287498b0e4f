import { createHash } from 'node:crypto'
import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Stop } from './report.mjs'
import { handOver } from './run.mjs'

const othersPass = 0o001

/**
 * Runs this same command again where other users can enter the checkout, and gives its exit code; undefined when they can
 * already. Root's tests start PostgreSQL and sandboxes as other users, and to them a clone in /root does not exist. The
 * checkout is mounted below /var/lib for this command alone: /root stays closed, and the mount ends with it.
 * @param {string} root
 * @param {string} script below `root`
 * @returns {Promise<number | undefined>}
 */
export async function runWhereOthersReach(root, script) {
  if (process.getuid?.() !== 0 || othersEnter(root)) return undefined
  if ((statSync(root).mode & othersPass) === 0)
    // a mount shows it as it is; going on would mount for ever
    throw new Stop(`Only its owner can enter ${root}, and the tests of root run programs as other users: chmod o+rx '${root}'`)
  const place = `/var/lib/crucible-checkout-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`
  mkdirSync(place, { recursive: true })
  const mount = 'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"'
  const command = [process.execPath, ...process.execArgv, join(place, script), ...process.argv.slice(2)]
  const inPlace = ['--mount', '--propagation', 'private', '--', 'sh', '-c', mount, 'sh', root, place, ...command]
  try {
    return await handOver('/usr/bin/unshare', inPlace, { cwd: root })
  } finally {
    removeIfEmpty(place)
  }
}

/** Whether each folder on the way may be passed by everyone. */
export function othersEnter(/** @type {string} */ folder) {
  for (let at = resolve(folder); at !== dirname(at); at = dirname(at)) if ((statSync(at).mode & othersPass) === 0) return false
  return true
}

function removeIfEmpty(/** @type {string} */ place) {
  try {
    rmdirSync(place)
  } catch {
    // a second run in the same checkout still uses it
  }
}
