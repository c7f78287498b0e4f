import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stop, say } from './report.mjs'
import { run } from './run.mjs'

const installTimeoutMs = 15 * 60_000

/** @typedef {{ package: string, file: string, for: string }} SystemPackage a Debian package and the file that shows it is there */
/** @typedef {'engine' | 'languages' | 'browserTests'} Group */

/** @returns {Record<Group, SystemPackage[]>} */
export const systemPackages = (/** @type {string} */ root) =>
  JSON.parse(readFileSync(join(root, 'tools/setup/system-packages.json'), 'utf8'))

/**
 * Installs with apt what is missing, when this user may; else says the command. Stops when something of `required`
 * is still missing, and only warns about the rest: a machine without a compiler can still judge the other languages.
 * @param {string} root
 * @param {{ required: readonly Group[], optional?: readonly Group[] }} groups
 */
export async function ensureSystemPackages(root, { required, optional = [] }) {
  const packages = systemPackages(root)
  const absent = (/** @type {readonly Group[]} */ names) =>
    names.flatMap((name) => packages[name]).filter(({ file }) => !existsSync(file))
  const wanted = [...absent(required), ...absent(optional)]
  if (wanted.length === 0) return

  const rights = await installRights()
  if (rights) await install(rights, names(wanted))

  for (const missing of absent(optional))
    say(`${missing.file} is missing, so ${missing.for} is not available. Mend it with: ${command([missing])}`)
  const fatal = absent(required)
  if (fatal.length > 0)
    throw new Stop(
      `${reasons(fatal)} missing on this machine and cannot be installed from here. Run this, then start again:\n  ${command(fatal)}`,
    )
}

/** The words before `apt-get`, or undefined when this user cannot install packages. */
async function installRights() {
  if (!existsSync('/usr/bin/apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  if (!existsSync('/usr/bin/sudo')) return undefined
  const { ok } = await run('/usr/bin/sudo', ['-n', 'true'], { timeoutMs: 10_000 })
  return ok ? ['/usr/bin/sudo', '-n'] : undefined
}

/** @param {readonly string[]} rights @param {readonly string[]} packages */
async function install(rights, packages) {
  say(`Installing ${packages.join(', ')} with apt …`)
  const apt = (/** @type {string[]} */ ...args) => {
    const [file = '', ...rest] = [...rights, '/usr/bin/env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
    return run(file, rest, { timeoutMs: installTimeoutMs })
  }
  const once = () => apt('-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', ...packages)
  // A new machine has no package lists, and an old one has lists that name versions which are gone.
  if (hasLists() && (await once()).ok) return
  const updated = await apt('update')
  const { ok, output } = await once()
  if (!ok) say(`${updated.ok ? '' : updated.output}${output}apt-get could not install them; its message is above.`)
}

function hasLists() {
  const folder = '/var/lib/apt/lists'
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('_Packages') || name.endsWith('_Packages.lz4'))
}

const names = (/** @type {readonly SystemPackage[]} */ packages) => [...new Set(packages.map((each) => each.package))]
const command = (/** @type {readonly SystemPackage[]} */ packages) =>
  `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names(packages).join(' ')}`
const reasons = (/** @type {readonly SystemPackage[]} */ packages) =>
  `${packages.map((each) => `${each.file} (${each.for})`).join(', ')} ${packages.length === 1 ? 'is' : 'are'}`
