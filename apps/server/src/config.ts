/** The only reader of the environment. Anything odd in it stops the start. */
import { parseArgs } from 'node:util'
import type { Setting } from './setting.ts'
import { type SettingName, settings } from './settings.ts'

export const roles = ['all', 'serve', 'api', 'worker', 'migrate'] as const
export type RoleName = (typeof roles)[number]

type Value<N extends SettingName> = (typeof settings)[N] extends Setting<infer T> ? T : never
export type Settings = { readonly [N in SettingName]: Value<N> }
export type Config = {
  readonly role: RoleName | 'help'
  readonly settings: Settings
  /** The settings as they were given: what a child process of ours is started with. */
  readonly given: Readonly<Record<string, string>>
  /** Only for the child that `all` starts inside a mount namespace of its own: see roles/all. */
  readonly inside: string | null
}

/** One sentence for each fault: the setting, its value, and what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly sentences: readonly string[]
  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'))
    this.sentences = sentences
  }
}

export const readProcess = () => readConfig(process.env, process.argv.slice(2))

export function readConfig(env: Readonly<Record<string, string | undefined>>, argv: readonly string[]): Config {
  const faults: string[] = []
  const { role, inside } = readArguments(argv, faults)
  const values: Record<string, unknown> = {}
  const given: Record<string, string> = {}
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting<unknown>][]) {
    // the keys of a literal
    const text = env[name]
    // Empty is unset: compose files and shells pass `NAME=` for a variable that nobody set.
    if (text !== undefined && text !== '') given[name] = text
    values[name] = read(name, setting, given[name], faults)
  }
  for (const name of Object.keys(env))
    if (name.startsWith('CRUCIBLE_') && !Object.hasOwn(settings, name) && !ofOthers.includes(name))
      faults.push(unknownSetting(name))
  if (values['CRUCIBLE_ENGINE'] === 'process' && values['CRUCIBLE_ALLOW_UNSAFE_ENGINE'] !== true) {
    faults.push(
      'CRUCIBLE_ENGINE is process, which isolates nothing; set CRUCIBLE_ALLOW_UNSAFE_ENGINE=yes if that is what you want.',
    )
  }
  if (
    role !== 'all' &&
    role !== 'help' &&
    values['DATABASE_URL'] === null &&
    !faults.some((fault) => fault.startsWith('DATABASE_URL'))
  ) {
    faults.push(`DATABASE_URL is not set; the role ${role} needs it (only \`all\` brings a database of its own).`)
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return { role, inside, settings: values as Settings, given } // every name was read by its own setting
}

function readArguments(argv: readonly string[], faults: string[]): Pick<Config, 'role' | 'inside'> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, inside: { type: 'string' } },
    })
    const [name = 'all', ...rest] = positionals
    const role = roles.find((known) => known === name)
    if (role === undefined) faults.push(`${name} is no role${nearest(name, roles)}; the roles are ${roles.join(', ')}.`)
    if (rest.length > 0) faults.push(`${rest.join(' ')} is more than the one role that can be given; see --help.`)
    return { role: values.help === true ? 'help' : (role ?? 'all'), inside: values.inside ?? null }
  } catch (error) {
    faults.push(`${error instanceof Error ? error.message.split('. ')[0] : 'The arguments are odd'}; see --help.`)
    return { role: 'all', inside: null }
  }
}

function read(name: string, setting: Setting<unknown>, text: string | undefined, faults: string[]): unknown {
  const given = text ?? setting.byDefault
  if (given === null) return null
  const parsed = setting.parse(given)
  if ('value' in parsed) return parsed.value
  // A URL may hold a password, and this sentence is printed and logged.
  faults.push(
    `${name} is ${name.endsWith('_URL') ? 'not what it should be' : JSON.stringify(given)}; set it to ${parsed.wanted}.`,
  )
  return null
}

/** Read by the command line client and the tests: a shell that is set up for them may start the server, too. */
const ofOthers = ['CRUCIBLE_URL', 'CRUCIBLE_API_KEY', 'CRUCIBLE_DATASETS']

const unknownSetting = (name: string) =>
  `${name} is no setting${nearest(name, Object.keys(settings))}; unset it, or see docs/configuration.md.`

/** `, did you mean X?` when something known is at most three changes away. */
function nearest(name: string, known: readonly string[]): string {
  const [best] = known
    .map((candidate) => ({ candidate, changes: distance(name, candidate) }))
    .sort((left, right) => left.changes - right.changes)
  return best === undefined || best.changes > 3 ? '' : ` (did you mean ${best.candidate}?)`
}

/** Levenshtein, one row at a time. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [i, character] of [...left].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...right].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (character === other ? 0 : 1)))
    }
    row = next
  }
  return row[right.length] ?? 0
}
