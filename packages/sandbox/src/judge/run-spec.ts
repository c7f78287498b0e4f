/** Turns a stage of a language and a job into one run of the engine. */
import { fileURLToPath } from 'node:url'
import type { RunSpec } from '../engine.ts'
import { expand, type Values } from '../languages/expand.ts'
import type { Stage } from '../languages/language.ts'
import type { Runtime } from '../languages/runtime.ts'
import type { Limits } from '../spec.ts'

/** The work directory, whatever an engine calls it: every run starts there. */
export const workDirectory = '/proc/self/cwd'
/** Below it, what is ours. */
export const ownDirectory = '.crucible'

/** The same everywhere, so that no result depends on the host it was made on. */
const fixedEnv = { PATH: '/usr/bin:/bin', HOME: '/tmp', TMPDIR: '/tmp', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC' }

/** What the sandbox sets in the environment of every run of a stage, before what the caller sets. */
export const variablesOf = (stage: Stage): Readonly<Record<string, string>> => ({ ...fixedEnv, ...stage.env })

/** The limits of a run: what was granted, and what the runtime takes for itself. */
export const limitsOf = ({ extra }: Stage, granted: Limits): Limits => ({
  ...granted,
  processes: granted.processes + extra.processes,
  memoryBytes: granted.memoryBytes + extra.memoryBytes,
})

export type StageUse = {
  readonly runtime: Runtime
  readonly stage: Stage
  readonly values: Values
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly limits: Limits
  readonly stdin: Uint8Array
  readonly given?: Uint8Array
}

const forkServerSpec = ({ language }: Runtime, { words, folder, at, env }: NonNullable<Stage['fork']>) => ({
  words,
  show: [{ host: fileURLToPath(new URL(folder, language.folder)), inside: at }],
  env,
})

export function runSpec(use: StageUse): RunSpec {
  const { runtime, stage } = use
  const limits = limitsOf(stage, use.limits)
  const values = { ...runtime.values, ...use.values, memoryMiB: String(Math.max(1, Math.floor(limits.memoryBytes / 2 ** 20))) }
  const [program, ...words] = expand(stage.command, values)
  if (program === undefined) throw new Error(`${runtime.language.name}: an empty command`) // the schema asks for a word
  return {
    command: [program, ...words, ...use.args],
    env: { ...variablesOf(stage), ...use.env },
    stdin: use.stdin,
    limits,
    language: runtime.language.name,
    show: runtime.shown.get(stage) ?? [],
    ...(use.given && { channel: { given: use.given } }),
    ...(stage.fork && isOfNobody(use) && { forkServer: forkServerSpec(runtime, stage.fork) }),
  }
}

/**
 * A fork server outlives the run that it was started for. So it is started with nothing that a caller has chosen: neither
 * a variable nor the name of a file.
 */
function isOfNobody({ runtime: { language }, values, env }: StageUse): boolean {
  const isOurs = ([name, value]: readonly [string, string]) => language.liveEnv[name] === value
  return values['entry'] === language.entry && Object.entries(env).every(isOurs)
}
