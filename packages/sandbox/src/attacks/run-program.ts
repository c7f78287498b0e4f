/** A program on an engine, by the way of every job: compile, run or tests, judgement. */
import { randomBytes } from 'node:crypto'
import type { Engine } from '../engine.ts'
import { JobFault } from '../judge/fault.ts'
import { type JudgeEvent, judge } from '../judge/judge.ts'
import { environmentOf } from '../languages/offer.ts'
import { findRuntime, type Runtime } from '../languages/runtime.ts'
import type { Job, Judgement, Limits } from '../spec.ts'
import type { Owner, Program, RunnerSecrets } from './attack.ts'

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
export type Target = {
  readonly engine: Engine
  readonly runtimes: readonly Runtime[]
  /** Host users as whom the engine's programs may run. Empty: whoever runs the attacks. */
  readonly owners: readonly Owner[]
  /** Placed before the engine was started: what of it a program prints has leaked. */
  readonly runnerSecrets: RunnerSecrets
  /**
   * In the environment of every program, so that what lives on after the engine was closed is found (`removeTraces`). The
   * same for all: an engine may keep something ready for one environment, and that is to be attacked as well.
   */
  readonly mark: string
}

export type Ran = { readonly judgement: Judgement; readonly events: readonly JudgeEvent[] } | { readonly refused: string }

/** A job that is refused is an answer; everything else that goes wrong is a way to bring the engine down, and an escape. */
export async function runProgram(
  target: Target,
  program: Program,
  nonce: string,
  signal: AbortSignal,
  onEvent?: (event: JudgeEvent) => void,
): Promise<Ran> {
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

function jobOf({ runtimes, mark }: Target, program: Program, nonce: string): Job {
  const entry = findRuntime(runtimes, program.language, null)?.info.entry ?? 'main'
  const files = Object.entries({ [entry]: program.source, ...program.files })
  return {
    attemptId: `attack-${nonce}`,
    language: program.language,
    version: null,
    files: files.map(([path, content]) => ({ path, content, encoding: 'utf8' })),
    entry,
    args: [...(program.args ?? []), nonce], // by it, what lives on is found
    env: { ...program.env, ATTACK: mark },
    stdin: program.stdin ?? '',
    limits: { ...ordinary, ...program.limits },
    compileLimits: { ...compileOrdinary, ...program.compileLimits },
    tests: (program.tests ?? []).map((test) => (test.kind === 'stdio' ? { ...test, args: [...test.args, nonce] } : test)),
    stopAtFirstFailure: false,
  }
}
