import { existsSync, readdirSync } from 'node:fs'
import { run } from './run.mjs'

const installTimeoutMs = 15 * 60_000
const waitForOthersSeconds = 300 // a new virtual machine runs its own apt first

/** Whether this user can install packages without being asked anything. */
export const mayInstall = async () => (await rights()) !== undefined

/**
 * Installs packages; gives back apt's words when it failed.
 * @param {readonly string[]} packages
 * @returns {Promise<string | undefined>}
 */
export async function apt(packages) {
  const prefix = (await rights()) ?? []
  const get = (/** @type {readonly string[]} */ args) => {
    const [file = '', ...rest] = [...prefix, '/usr/bin/env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
    return run(file, rest, { timeoutMs: installTimeoutMs })
  }
  const lock = ['-o', `DPkg::Lock::Timeout=${waitForOthersSeconds}`]
  const install = () => get([...lock, 'install', '-y', '--no-install-recommends', ...packages])
  // A new machine has no package lists, and the lists of an old one name versions that are gone.
  if (hasLists() && (await install()).ok) return undefined
  const update = await get([...lock, 'update'])
  const { ok, output } = await install()
  return ok ? undefined : `${update.ok ? '' : update.output}${output}`
}

/** The words before `apt-get`, or undefined without the right to use it. */
async function rights() {
  if (!existsSync('/usr/bin/apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  if (!existsSync('/usr/bin/sudo')) return undefined
  const { ok } = await run('/usr/bin/sudo', ['-n', 'true'], { timeoutMs: 10_000 })
  return ok ? ['/usr/bin/sudo', '-n'] : undefined
}

function hasLists() {
  const folder = '/var/lib/apt/lists'
  return existsSync(folder) && readdirSync(folder).some((name) => /_Packages(\.lz4)?$/.test(name))
}
