/**
 * What every engine must hold, asked of a real one. It needs nothing but an engine and a Python runtime, and can be
 * run as a test, at the start of a service, or by an operator who wants to see it. The attacks stand beside it.
 */
import type { Engine, RunOutcome, Sandbox } from '../engine.ts'
import { runSpec } from '../judge/run-spec.ts'
import type { Runtime } from '../languages/runtime.ts'
import type { Limits } from '../spec.ts'
import type { Case, CaseResult, Program } from './case.ts'
import { carryOver } from './cases/carry-over.ts'
import { ends } from './cases/ends.ts'
import { kernel } from './cases/kernel.ts'
import { limits } from './cases/limits.ts'
import { neighbours } from './cases/neighbours.ts'
import { streams } from './cases/streams.ts'
import { surroundings } from './cases/surroundings.ts'
import { complaints, type Seen } from './complaints.ts'

export type { Case, CaseResult } from './case.ts'

export const cases: Readonly<Record<string, readonly Case[]>> = {
  streams,
  ends,
  limits,
  surroundings,
  'carry-over': carryOver,
  neighbours,
  kernel,
}

const mebibyte = 2 ** 20
const ordinary: Limits = {
  wallMs: 20_000,
  cpuMs: 15_000,
  memoryBytes: 256 * mebibyte,
  processes: 32,
  outputBytes: 2 * mebibyte,
  diskBytes: 32 * mebibyte,
}

/** Yields one result per case, in order. Rejects only when the engine itself fails (EngineFault). */
export async function* conformance(engine: Engine, python: Runtime, signal: AbortSignal): AsyncGenerator<CaseResult> {
  for (const [area, list] of Object.entries(cases)) {
    for (const each of list) yield { name: each.name, area, ...(await ask(engine, python, each, signal)) }
  }
}

/** One case alone. */
export async function ask(
  engine: Engine,
  python: Runtime,
  asked: Case,
  signal: AbortSignal,
): Promise<Pick<CaseResult, 'outcome' | 'detail'>> {
  const reason = whyNotAsked(engine, asked)
  if (reason !== null) return { outcome: 'not_asked', detail: reason }
  if (asked.before?.where === 'other')
    await inSandbox(engine, asked, (sandbox) => run(sandbox, python, asked.before ?? asked, signal))
  const seen = await Promise.all(
    Array.from({ length: asked.atOnce ?? 1 }, () => inSandbox(engine, asked, (sandbox) => askIn(sandbox, python, asked, signal))),
  )
  const wrong = seen.flatMap((each) => complaints(asked.expect, each))
  return wrong.length === 0 ? { outcome: 'held', detail: '' } : { outcome: 'broken', detail: wrong.join('; ') }
}

/** What an engine declared that it cannot do, when this case asks for that; null when it must hold. */
export function whyNotAsked(engine: Engine, { needs, atOnce = 1 }: Case): string | null {
  if (atOnce > engine.slots) return `it needs ${atOnce} slots`
  if (needs === undefined) return null
  if (needs === 'shared-kernel' && engine.isolation === 'kernel-private') {
    return `in ${engine.name} it touches nothing but the sandbox's own kernel`
  }
  if (needs === 'isolation' || needs === 'shared-kernel')
    return engine.isolation === 'none' ? `${engine.name} does not isolate` : null
  const weak = needs.filter((name) => ['none', 'sampled', 'rlimit'].includes(engine.mechanisms[name]))
  return weak.length > 0 ? `${engine.name} only approximates ${weak.join(', ')}` : null
}

async function inSandbox<T>(engine: Engine, asked: Case, use: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = await engine.open({ diskBytes: { ...ordinary, ...asked.limits }.diskBytes })
  try {
    return await use(sandbox)
  } finally {
    await sandbox.destroy()
  }
}

async function askIn(sandbox: Sandbox, python: Runtime, asked: Case, signal: AbortSignal): Promise<Seen> {
  const { files = {}, before } = asked
  await sandbox.put(Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) })))
  if (before?.where === 'same') await run(sandbox, python, before, signal)
  return await run(sandbox, python, asked, signal, asked)
}

async function run(sandbox: Sandbox, python: Runtime, program: Program, signal: AbortSignal, asked?: Case): Promise<Seen> {
  await sandbox.put([{ path: 'main.py', content: Buffer.from(program.source) }])
  if (asked?.sealed) await sandbox.seal()
  const stop = new AbortController()
  const kept = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const spec = runSpec({
    runtime: python,
    stage: python.language.run,
    values: { entry: 'main.py' },
    args: program.args ?? [],
    env: {},
    limits: { ...ordinary, ...program.limits },
    stdin: Buffer.from(program.stdin ?? ''),
  })
  const outcome: RunOutcome = await sandbox.run(
    spec,
    (stream, chunk) => {
      kept[stream].push(chunk)
      if (asked?.abortOnOutput) stop.abort()
    },
    AbortSignal.any([signal, stop.signal]),
  )
  return { outcome, stdout: Buffer.concat(kept.stdout), stderr: Buffer.concat(kept.stderr) }
}
