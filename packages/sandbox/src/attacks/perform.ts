/** One attack against one engine, from the placing of its decoys to the last look at the machine. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Engine } from '../engine.ts'
import { JobFault } from '../judge/fault.ts'
import { type JudgeEvent, judge } from '../judge/judge.ts'
import { environmentOf } from '../languages/offer.ts'
import { findRuntime, type Runtime } from '../languages/runtime.ts'
import type { Job, Limits } from '../spec.ts'
import type { Attack, AttackResult, Neighbour, Owner, Program, RunnerSecret } from './attack.ts'
import type { Decoy } from './decoys/decoy.ts'
import { placeDecoys } from './decoys/index.ts'
import { changedSettings, readSettings, removeTraces } from './machine.ts'
import { notStopped } from './observe.ts'
import { fillProgram } from './placeholders.ts'

const mebibyte = 2 ** 20
/** Small, so that many fit beside each other; an attack that needs more says so. */
const ordinary: Limits = {
  wallMs: 5_000,
  cpuMs: 3_000,
  memoryBytes: 128 * mebibyte,
  processes: 16,
  outputBytes: mebibyte,
  diskBytes: 8 * mebibyte,
}
const compileOrdinary: Limits = {
  ...ordinary,
  wallMs: 15_000,
  cpuMs: 10_000,
  memoryBytes: 256 * mebibyte,
  diskBytes: 32 * mebibyte,
}
const slowestMs = 60_000
const readyMs = 15_000

export type Target = {
  readonly engine: Engine
  readonly runtimes: readonly Runtime[]
  /** Host users as whom the engine's programs may run. Empty: whoever runs the attacks. */
  readonly owners: readonly Owner[]
  /** Placed before the engine was started: what of it a program prints has leaked. */
  readonly runnerSecrets: Readonly<Partial<Record<RunnerSecret, string>>>
}
export type Outcome = Pick<AttackResult, 'outcome' | 'detail'>

/** How many sandboxes it holds at once. */
export const slotsOf = ({ atOnce = 1, neighbour }: Attack) => atOnce + (neighbour?.when === 'beside' ? 1 : 0)

/** As `perform`. An engine that fails under an attack was brought down by it: that is no reason to call the attack stopped. */
export async function attempt(target: Target, attack: Attack, signal: AbortSignal): Promise<Outcome> {
  try {
    return await perform(target, attack, signal)
  } catch (cause) {
    signal.throwIfAborted()
    return { outcome: 'escaped', detail: `${failed}: ${cause instanceof Error ? cause.message : String(cause)}` }
  }
}

/** Begins the detail of what did not end in an observation. */
export const failed = 'the engine or the attack failed'

async function perform(target: Target, attack: Attack, signal: AbortSignal): Promise<Outcome> {
  const why = whyNot(target, attack)
  if (why !== null) return { outcome: 'skipped', detail: why }
  const within = AbortSignal.any([signal, AbortSignal.timeout(slowestMs)])
  const complaints = await Promise.all(Array.from({ length: attack.atOnce ?? 1 }, () => once(target, attack, within)))
  const found = [...new Set(complaints.flat())]
  return found.length === 0 ? { outcome: 'stopped', detail: '' } : { outcome: 'escaped', detail: found.join('; ') }
}

function whyNot({ engine, runtimes, runnerSecrets }: Target, attack: Attack): string | null {
  if (attack.runnerSecret !== undefined && runnerSecrets[attack.runnerSecret] === undefined)
    return `whoever runs this has put no secret into its ${attack.runnerSecret}`
  const languages = [attack.language, ...(attack.neighbour ? [attack.neighbour.language] : [])]
  for (const name of languages) if (findRuntime(runtimes, name, null) === undefined) return `${name} is not offered here`
  if (slotsOf(attack) > engine.slots) return `it needs ${slotsOf(attack)} slots, and there are ${engine.slots}`
  const weak = (attack.needs ?? []).filter((name) => ['none', 'sampled', 'rlimit'].includes(engine.mechanisms[name]))
  return weak.length > 0 ? `${engine.name} only approximates ${weak.join(', ')} here` : null
}

async function once(target: Target, attack: Attack, signal: AbortSignal): Promise<string[]> {
  const nonce = randomBytes(6).toString('hex')
  const secret = (attack.runnerSecret && target.runnerSecrets[attack.runnerSecret]) ?? randomBytes(16).toString('hex')
  const settings = readSettings()
  const decoy = await placeDecoys(attack.decoys ?? [], { nonce, secret, owners: target.owners })
  try {
    const values = { NONCE: nonce, NONCE8: nonce.slice(0, 8), HOSTNAME: hostname(), ...decoy.values }
    const neighbour = await settle(target, attack.neighbour, { ...values, SECRET: secret }, signal)
    const program = fillProgram(attack, values, { SECRET: secret })
    const seen = await judged(target, program, nonce, signal)
    const found =
      'refused' in seen
        ? refusal(attack, seen.refused)
        : notStopped(attack, seen, { nonce, secret, isolation: target.engine.isolation })
    return [...found, ...(await neighbour.leave()), ...aftermath(decoy, nonce, settings)]
  } finally {
    await decoy.remove()
    removeTraces(nonce)
  }
}

const refusal = ({ stopped }: Attack, why: string): string[] => (stopped.refusedJob ? [] : [`the job was refused: ${why}`])

const aftermath = (decoy: Decoy, nonce: string, settings: ReturnType<typeof readSettings>): string[] => [
  ...decoy.disturbed(),
  ...removeTraces(nonce),
  ...changedSettings(settings),
]

type Attempted = Awaited<ReturnType<typeof judged>>

/** A job that is refused is an answer; everything else that goes wrong is a way to bring the engine down, and an escape. */
async function judged(
  target: Target,
  program: Program,
  nonce: string,
  signal: AbortSignal,
  onEvent?: (event: JudgeEvent) => void,
) {
  const events: JudgeEvent[] = []
  const deps = { ...target, randomBytes, environment: (runtime: Runtime) => environmentOf(target.engine, runtime) }
  try {
    const judgement = await judge(
      deps,
      jobOf(target, program, nonce),
      (event) => {
        events.push(event)
        onEvent?.(event)
      },
      signal,
    )
    return { judgement, events }
  } catch (cause) {
    if (cause instanceof JobFault) return { refused: cause.message }
    throw cause
  }
}

function jobOf({ runtimes }: Target, program: Program, nonce: string): Job {
  const entry = findRuntime(runtimes, program.language, null)?.info.entry ?? 'main'
  const files = Object.entries({ [entry]: program.source, ...program.files })
  return {
    attemptId: `attack-${nonce}`,
    language: program.language,
    version: null,
    files: files.map(([path, content]) => ({ path, content, encoding: 'utf8' })),
    entry,
    args: [...(program.args ?? [])],
    env: { ...program.env, ATTACK: nonce }, // by it, whatever lives on is found
    stdin: program.stdin ?? '',
    limits: { ...ordinary, ...program.limits },
    compileLimits: { ...compileOrdinary, ...program.compileLimits },
    tests: [...(program.tests ?? [])],
    stopAtFirstFailure: false,
  }
}

type Settled = { leave(): Promise<string[]> }

async function settle(
  target: Target,
  neighbour: Neighbour | undefined,
  values: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Settled> {
  if (neighbour === undefined) return { leave: async () => [] }
  const program = fillProgram(neighbour, values, {})
  if (neighbour.when === 'before') {
    await judged(target, program, `${values['NONCE']}-neighbour`, signal)
    return { leave: async () => [] }
  }
  const stop = new AbortController()
  const ready = Promise.withResolvers<void>()
  let said = ''
  let ended: string | null = null
  const running: Promise<Attempted | null> = judged(
    target,
    program,
    `${values['NONCE']}-neighbour`,
    AbortSignal.any([signal, stop.signal]),
    (event) => {
      if (event.type === 'output') said = (said + Buffer.from(event.chunk).toString('latin1')).slice(0, 4096)
      if (said.includes('ready\n')) ready.resolve()
    },
  ).then(
    (seen) => {
      ended = 'refused' in seen ? seen.refused : seen.judgement.verdict
      ready.reject(new Error(`The neighbour of an attack ended too early (${ended}): ${said}`))
      return seen
    },
    (cause: unknown) => {
      ready.reject(cause)
      return null
    },
  )
  const late = setTimeout(() => ready.reject(new Error(`The neighbour of an attack was not ready: ${said}`)), readyMs)
  await ready.promise.finally(() => clearTimeout(late))
  return {
    async leave() {
      const early = ended
      stop.abort()
      await running
      const more = said.replace('ready\n', '').trim()
      return [
        ...(early === null ? [] : [`the neighbour was ended (${early})`]),
        ...(more === '' ? [] : [`the neighbour was disturbed: ${more}`]),
      ]
    },
  }
}
