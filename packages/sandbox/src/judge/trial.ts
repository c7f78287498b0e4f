/** For tests: a real engine with real runtimes, and jobs in one line. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../engine.ts'
import { namespacesEngine } from '../engines/namespaces/index.ts'
import { readLanguages } from '../languages/catalogue.ts'
import { environmentOf, offer } from '../languages/offer.ts'
import type { Runtime } from '../languages/runtime.ts'
import type { Job, Judgement, Limits, Test } from '../spec.ts'
import { type JudgeEvent, judge } from './judge.ts'

export const mebibyte = 2 ** 20
export const trialLimits: Limits = {
  wallMs: 20_000,
  cpuMs: 15_000,
  memoryBytes: 512 * mebibyte,
  processes: 32,
  outputBytes: mebibyte,
  diskBytes: 64 * mebibyte,
}

export type Trial = {
  readonly engine: Engine
  readonly runtimes: readonly Runtime[]
  judge(
    job: Partial<Job> & Pick<Job, 'language'> & { code?: string },
    signal?: AbortSignal,
    onEvent?: (event: JudgeEvent) => void,
  ): Promise<Tried>
  close(): Promise<void>
}
export type Tried = Judgement & { readonly events: readonly JudgeEvent[]; readonly stdout: string; readonly stderr: string }

/** Fails when one of `languages` is not offered on this machine: nothing is skipped in silence. */
export async function openTrial(languages: readonly string[], slots = 2, uidBase: number | null = null): Promise<Trial> {
  const stateDir = await mkdtemp(join(tmpdir(), 'crucible-trial-'))
  const engine = await namespacesEngine({ slots, stateDir, uidBase })
  const wanted = readLanguages().filter((language) => languages.includes(language.name))
  const { runtimes, unavailable } = await offer({ engine, randomBytes }, wanted, AbortSignal.timeout(60_000))
  if (unavailable.length > 0) throw new Error(`not offered here: ${JSON.stringify(unavailable)}`)
  const deps = { engine, runtimes, randomBytes, environment: (runtime: Runtime) => environmentOf(engine, runtime) }
  return {
    engine,
    runtimes,
    async judge({ code, ...given }, signal = new AbortController().signal, onEvent = () => {}) {
      const entry = runtimes.find((runtime) => runtime.language.name === given.language)?.info.entry ?? 'main'
      const job: Job = {
        attemptId: 'trial',
        version: null,
        files: [{ path: entry, content: code ?? '', encoding: 'utf8' }],
        entry,
        args: [],
        env: {},
        stdin: '',
        limits: trialLimits,
        compileLimits: trialLimits,
        tests: [],
        stopAtFirstFailure: false,
        ...given,
      }
      const events: JudgeEvent[] = []
      const emit = (event: JudgeEvent) => {
        events.push(event)
        onEvent(event)
      }
      const judgement = await judge(deps, job, emit, signal)
      return { ...judgement, events, stdout: textOf(events, 'stdout'), stderr: textOf(events, 'stderr') }
    },
    async close() {
      await engine.close()
      await rm(stateDir, { recursive: true })
    },
  }
}

export const stdio = (stdin: string, expectedStdout: string, more: Partial<Extract<Test, { kind: 'stdio' }>> = {}): Test => ({
  kind: 'stdio',
  name: `${stdin} gives ${expectedStdout}`,
  stdin,
  expectedStdout,
  checker: 'exact',
  epsilon: 1e-6,
  args: [],
  weight: 1,
  ...more,
})
export const harness = (code: string, weight = 1): Test => ({ kind: 'harness', name: 'hidden', code, weight })

function textOf(events: readonly JudgeEvent[], stream: 'stdout' | 'stderr'): string {
  const chunks = events.flatMap((event) => (event.type === 'output' && event.stream === stream ? [event.chunk] : []))
  return Buffer.concat(chunks).toString('utf8')
}
