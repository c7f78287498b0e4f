import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apt, mayInstall } from './apt.mjs'
import { Stop, say, step } from './report.mjs'

/** @typedef {{ packages: readonly string[], for: string }} Missing what apt would have to bring, and what for */
/** @typedef {'engine' | 'languages' | 'browserTests' | 'queueTests' | 'engineTests' | 'exampleTests'} Group */

/** Where the engine looks for a language's programs too. The Node of JavaScript comes with npm. */
const directories = ['/usr/bin', '/usr/local/bin', '/bin']

/**
 * What a group lacks on this machine, by looking for files: asking dpkg would cost more than the whole start may.
 * @param {string} root
 * @param {Group} group
 * @returns {Missing[]}
 */
export function missing(root, group) {
  if (group === 'languages') return missingLanguages(root)
  /** @type {Record<string, { package: string, file: string, for: string }[]>} */
  const groups = JSON.parse(readFileSync(join(root, 'tools/setup/system-packages.json'), 'utf8'))
  return (groups[group] ?? [])
    .filter(({ file }) => !existsSync(file))
    .map((each) => ({ packages: [each.package], for: each.for }))
}

/** The data file of a language names its programs and the packages that bring them; nothing is repeated here. */
function missingLanguages(/** @type {string} */ root) {
  const folder = join(root, 'packages/sandbox/src/languages')
  const files = readdirSync(folder).map((name) => join(folder, name, 'language.json'))
  /** @type {{ name: string, debianPackages: string[], tools: { name: string, commands: string[] }[] }[]} */
  const languages = files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')))
  const isFound = (/** @type {string} */ command) => directories.some((directory) => existsSync(join(directory, command)))
  return languages
    .filter(({ debianPackages }) => debianPackages.length > 0)
    .filter(({ tools }) => !tools.every(({ commands }) => commands.some(isFound)))
    .map(({ name, debianPackages }) => ({ packages: debianPackages, for: name }))
}

/**
 * Installs what is missing when this user may, and stops when that fails. For a user who may not, it says the command
 * and stops over what is `required`, but only warns about the rest: without a compiler the other languages still run.
 * @param {string} root
 * @param {{ required: readonly Group[], optional: readonly Group[] }} groups
 */
export async function ensureSystemPackages(root, { required, optional }) {
  const lacking = (/** @type {readonly Group[]} */ groups) => groups.flatMap((group) => missing(root, group))
  const wanted = lacking([...required, ...optional])
  if (wanted.length === 0) return

  if (await mayInstall()) {
    const failure = await step(`Installing ${names(wanted).join(', ')} with apt`, () => apt(names(wanted)))
    const still = lacking([...required, ...optional])
    if (still.length > 0)
      throw new Stop(`${failure ?? ''}\napt could not bring ${names(still).join(', ')}; its message is above.`)
    return
  }
  const fatal = lacking(required)
  const rest = lacking(optional).filter(({ packages }) => !names(fatal).some((name) => packages.includes(name)))
  if (fatal.length === 0) {
    say(`Not on this machine: ${uses(rest)}. To have them:\n  ${command(rest)}`)
    return
  }
  const everything = rest.length === 0 ? '' : `\nOr, to have ${uses(rest)} too:\n  ${command([...fatal, ...rest])}`
  throw new Stop(
    `Missing on this machine: ${names(fatal).join(', ')} (for ${uses(fatal)}). Run this, then start again:\n  ${command(fatal)}${everything}`,
  )
}

const names = (/** @type {readonly Missing[]} */ list) => [...new Set(list.flatMap(({ packages }) => packages))]
const uses = (/** @type {readonly Missing[]} */ list) => [...new Set(list.map((each) => each.for))].join(', ')

/** To be pasted as it is, also where there is no sudo: a new Debian machine with a root password has none. */
function command(/** @type {readonly Missing[]} */ list) {
  const get = (/** @type {string} */ prefix) =>
    `${prefix}apt-get update && ${prefix}apt-get install -y --no-install-recommends ${names(list).join(' ')}`
  return existsSync('/usr/bin/sudo') ? get('sudo ') : `su -c '${get('')}'`
}
