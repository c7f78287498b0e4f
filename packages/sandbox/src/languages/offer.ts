/** Which languages can be offered here: those whose hello program was judged `accepted` in a real sandbox. */

import { readFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { type Engine, NotInImage } from '../engine.ts'
import { readHost } from '../host.ts'
import { judge } from '../judge/judge.ts'
import { runSpec } from '../judge/run-spec.ts'
import type { Environment, ExecutorStatus, Job, Limits, RuntimeInfo } from '../spec.ts'
import { expand } from './expand.ts'
import { type Found, findTools, type ToolPlaces } from './find-tools.ts'
import type { Language } from './language.ts'
import { type Runtime, shownByStage, toolValues } from './runtime.ts'

export type Offer = { readonly runtimes: readonly Runtime[]; readonly unavailable: ExecutorStatus['unavailable'] }
export type OfferDeps = {
  readonly engine: Engine
  readonly randomBytes: (length: number) => Uint8Array
  readonly places?: ToolPlaces
}

const mebibyte = 2 ** 20
// Generous, because a loaded machine must not lose a language; a hello that needs them all is broken anyway.
const helloLimits: Limits = {
  wallMs: 30_000,
  cpuMs: 20_000,
  memoryBytes: 512 * mebibyte,
  processes: 64,
  outputBytes: 64 * 1024,
  diskBytes: 64 * mebibyte,
}

/** Tries every language. At most `engine.slots` at a time; a language that fails is reported, never dropped. */
export async function offer(deps: OfferDeps, languages: readonly Language[], signal: AbortSignal): Promise<Offer> {
  const runtimes: Runtime[] = []
  const unavailable: ExecutorStatus['unavailable'] = []
  const waiting = [...languages]
  const worker = async () => {
    for (let language = waiting.shift(); language !== undefined; language = waiting.shift()) {
      const tried = await tryLanguage(deps, language, signal)
      if (typeof tried === 'string') unavailable.push({ language: language.name, reason: tried, remedy: remedy(language) })
      else runtimes.push(tried)
    }
  }
  await Promise.all(Array.from({ length: Math.min(deps.engine.slots, languages.length) }, worker))
  return {
    runtimes: runtimes.toSorted((a, b) => a.info.name.localeCompare(b.info.name)),
    unavailable: unavailable.toSorted((a, b) => a.language.localeCompare(b.language)),
  }
}

const cpuModel = cpus()[0]?.model ?? 'unknown' // once: it is read from a file that grows with the machine

/** What a verdict of this engine and runtime is made with, at this moment. */
export function environmentOf(engine: Engine, { info, language }: Runtime): Omit<Environment, 'limits' | 'variables'> {
  return {
    engine: engine.name,
    engineVersion: engine.version,
    isolation: engine.isolation,
    mechanisms: { ...engine.mechanisms },
    runtime: info.name,
    runtimeVersion: info.toolVersion,
    imageDigest: engine.imageDigest?.(language.name) ?? null,
    kernel: release(),
    cpuModel,
    // One slot of the executor, and so of its machine. Neither memory nor processors are set aside: limits are no reservation.
    reservation: { slots: 1, ofSlots: engine.slots },
    hostAtStart: readHost(),
    hostAtEnd: null, // said with the verdict
  }
}

const remedy = ({ debianPackages }: Language) =>
  debianPackages.length > 0
    ? `apt-get install ${debianPackages.join(' ')}`
    : 'it comes with this product: start it with `npm start`, which installs it'

async function tryLanguage(deps: OfferDeps, language: Language, signal: AbortSignal): Promise<Runtime | string> {
  const { found, missing } = findTools(language, deps.places)
  if (found.length === 0) return `${missing} was not found`
  let reason = ''
  for (const candidate of found) {
    const flags = language.optionalFlags.length > 0 ? [language.optionalFlags, []] : [[]]
    for (const optional of flags) {
      const tried = await tryTools(deps, language, candidate, optional, signal).catch(lacking)
      if (typeof tried !== 'string') return tried
      reason ||= tried // the first candidate is the one that was meant to work
    }
  }
  return reason
}

/** An engine with images looks into its own, and not into this machine. Any other fault is no news about a language. */
function lacking(cause: unknown): string {
  if (cause instanceof NotInImage) return cause.message
  throw cause
}

async function tryTools(
  deps: OfferDeps,
  language: Language,
  found: Found,
  optional: readonly string[],
  signal: AbortSignal,
): Promise<Runtime | string> {
  const values = toolValues(found, optional)
  const shown = shownByStage(language, found, values)
  const bare: Runtime = { language, info: infoOf(language, '0', ''), values, shown }
  const printed = await versionText(deps.engine, bare, signal)
  const version = new RegExp(language.version.pattern, 'm').exec(printed)?.[1]
  if (version === undefined) return `its version could not be told from ${JSON.stringify(printed.slice(0, 200))}`
  const { atLeast } = language.version
  if (atLeast !== undefined && isOlder(version, atLeast)) return `version ${version} is older than ${atLeast}`
  const runtime = { ...bare, info: infoOf(language, version, printed.trim().split('\n')[0] ?? '') }
  return (await helloFault(deps, runtime, signal)) ?? runtime
}

async function versionText(engine: Engine, runtime: Runtime, signal: AbortSignal): Promise<string> {
  const { language, values } = runtime
  const stage = { ...(language.compile ?? language.run), fork: null, command: expand(language.version.command, values) }
  const shown = [...(runtime.shown.get(language.compile ?? language.run) ?? [])]
  const spec = runSpec({
    runtime: { ...runtime, shown: new Map([[stage, shown]]) },
    stage,
    values: {},
    args: [],
    env: {},
    limits: helloLimits,
    stdin: new Uint8Array(0),
  })
  const output: Uint8Array[] = []
  const sandbox = await engine.open({ diskBytes: helloLimits.diskBytes })
  try {
    await sandbox.run(spec, (_, chunk) => void output.push(chunk), signal)
  } finally {
    await sandbox.destroy()
  }
  signal.throwIfAborted()
  return Buffer.concat(output).toString('utf8')
}

async function helloFault(deps: OfferDeps, runtime: Runtime, signal: AbortSignal): Promise<string | undefined> {
  const { language } = runtime
  const { hello } = language
  const content = readFileSync(new URL(hello.file, language.folder), 'utf8')
  const job: Job = {
    attemptId: `hello-${language.name}`,
    language: language.name,
    version: null,
    files: [{ path: hello.file, content, encoding: 'utf8' }],
    entry: hello.file,
    args: [],
    env: {},
    stdin: '',
    limits: helloLimits,
    compileLimits: helloLimits,
    tests: [
      {
        kind: 'stdio',
        name: 'hello',
        stdin: hello.stdin,
        expectedStdout: hello.stdout,
        checker: 'exact',
        epsilon: 1e-9, // no number is compared
        args: [],
        weight: 1,
      },
    ],
    stopAtFirstFailure: false,
  }
  const said: string[] = []
  const judging = { ...deps, runtimes: [runtime], environment: (used: Runtime) => environmentOf(deps.engine, used) }
  const { verdict } = await judge(
    judging,
    job,
    (event) => {
      if (event.type === 'output') said.push(Buffer.from(event.chunk).toString('utf8'))
    },
    signal,
  )
  if (verdict === 'accepted') return undefined
  return `its hello program ended as ${verdict}: ${said.join('').slice(0, 500)}`
}

function infoOf(language: Language, version: string, toolVersion: string): RuntimeInfo {
  const { name, title, aliases, extension, entry, compile, harness } = language
  return {
    language: name,
    version,
    name: `${name}@${version}`,
    title,
    toolVersion,
    aliases,
    extension,
    entry,
    compiled: compile !== null,
    harness: harness !== null,
  }
}

function isOlder(version: string, atLeast: string): boolean {
  const [have, want] = [version, atLeast].map((text) => text.split('.').map(Number))
  for (const [index, part] of (want ?? []).entries()) {
    const own = have?.[index] ?? 0
    if (own !== part) return own < part
  }
  return false
}
