/** Judges one job: build once, run once or once per test, and say what was earned. */
import type { Engine, RunOutcome, Sandbox } from '../engine.ts'
import { findRuntime, type Runtime } from '../languages/runtime.ts'
import type { Environment, Job, JobEvent, Judgement, RunResult, TestResult } from '../spec.ts'
import { planBuild, roomFor } from './build.ts'
import { outputMatches } from './check-output.ts'
import { requireEnforced } from './enforced.ts'
import { JobFault } from './fault.ts'
import { openChannel } from './harness.ts'
import { checkArguments, type PlacedFile, placeFiles } from './job-files.ts'
import { limitsOf, runSpec, type StageUse, variablesOf } from './run-spec.ts'
import { type IndexedTest, type Unit, units } from './units.ts'
import { compiled, overall, verdictOfRun } from './verdict.ts'

export type JudgeDeps = {
  readonly engine: Engine
  readonly runtimes: readonly Runtime[]
  readonly environment: (runtime: Runtime) => Omit<Environment, keyof OfJob>
  readonly randomBytes: (length: number) => Uint8Array
}
/** As in the stream of a job, but output is still bytes, and the end is the promise's. */
export type JudgeEvent =
  | Exclude<JobEvent, { type: 'output' | 'finished' | 'fault' }>
  | { readonly type: 'output'; readonly run: RunName; readonly stream: 'stdout' | 'stderr'; readonly chunk: Uint8Array }
export type RunName = 'compile' | 'run' | `test:${number}`

/** Never rejects; a promise is waited for between runs, which is how a slow reader slows the job down. */
export type Emit = (event: JudgeEvent) => void | Promise<void>

/**
 * Judges a job in sandboxes that are gone when it settles, whichever way. Rejects with `JobFault` when the job cannot
 * be judged here, with `EngineFault` when the engine failed, with the signal's reason when aborted: never a verdict.
 */
export async function judge(deps: JudgeDeps, job: Job, emit: Emit, signal: AbortSignal): Promise<Judgement> {
  const runtime = findRuntime(deps.runtimes, job.language, job.version)
  if (runtime === undefined) throw new JobFault('unknown_runtime', `${job.language}@${job.version ?? 'any'} is not offered here`)
  requireEnforced(deps.engine)
  const files = placeFiles(job)
  checkArguments(job)
  const work: Work = { ...deps, job, runtime, files, emit, signal }
  await emit({ type: 'started', environment: { ...deps.environment(runtime), ...ofJob(job, runtime) } })

  const ends: UnitEnd[] = []
  for (const unit of units(job, runtime)) {
    ends.push(await judgeUnit(work, unit))
    if (job.stopAtFirstFailure && ends.some(failed)) break
  }
  return conclude(job, ends)
}

/** What is known of an environment only with the job. */
type OfJob = Pick<Environment, 'limits' | 'variables'>

function ofJob(job: Job, { language }: Runtime): OfJob {
  const live = job.tests.length === 0 ? language.liveEnv : {}
  return { limits: limitsOf(language.run, job.limits), variables: { ...variablesOf(language.run), ...live } }
}

type Work = JudgeDeps & {
  readonly job: Job
  readonly runtime: Runtime
  readonly files: readonly PlacedFile[]
  readonly emit: Emit
  readonly signal: AbortSignal
}
type UnitEnd = { readonly compile: RunResult | null; readonly run: RunResult | null; readonly tests: readonly Tested[] }
type Tested = { readonly index: number; readonly verdict: TestResult['verdict']; readonly result: RunResult | null }

const failed = (end: UnitEnd) => end.tests.some((test) => test.verdict !== 'accepted')

async function judgeUnit(work: Work, unit: Unit): Promise<UnitEnd> {
  const { job, runtime, engine } = work
  const build = planBuild(runtime.language, job, work.files, unit)
  work.signal.throwIfAborted()
  const sandbox = await engine.open({ diskBytes: job.limits.diskBytes + roomFor(build) })
  try {
    await sandbox.put(build.files)
    let compile: RunResult | null = null
    if (build.compile !== null) {
      const use = {
        runtime,
        stage: build.compile,
        values: build.values,
        args: [],
        env: {},
        limits: job.compileLimits,
        stdin: nothing,
      }
      compile = resultOf(await runNamed(work, sandbox, 'compile', use))
      if (!compiled(compile)) {
        const tests = unit.tests.map(({ index }) => ({ index, verdict: 'compile_error', result: null }) as const)
        return { compile, run: null, tests }
      }
    }
    if (job.tests.length === 0) {
      const use = { ...useOf(work, build.values), env: { ...runtime.language.liveEnv, ...job.env }, args: job.args }
      return { compile, run: resultOf(await runNamed(work, sandbox, 'run', use)), tests: [] }
    }
    await sandbox.seal() // no test may leave something for the next; a lone run may write beside its files
    const tests: Tested[] = []
    for (const each of unit.tests) {
      tests.push(await judgeTest(work, sandbox, build.values, unit, each))
      if (job.stopAtFirstFailure && tests.at(-1)?.verdict !== 'accepted') break
    }
    return { compile, run: null, tests }
  } finally {
    await sandbox.destroy()
  }
}

async function judgeTest(
  work: Work,
  sandbox: Sandbox,
  values: StageUse['values'],
  unit: Unit,
  { index, test }: IndexedTest,
): Promise<Tested> {
  const name = `test:${index}` as const
  const use = useOf(work, values)
  if (test.kind === 'stdio') {
    const stdout: Uint8Array[] = []
    const stdin = Buffer.from(test.stdin, 'utf8')
    const outcome = await runNamed(work, sandbox, name, { ...use, stdin, args: test.args }, stdout)
    // A cut output is not what the program wrote, so nothing can be said in its favour.
    const right = () => outcome.cut.stdout === null && outputMatches(test, Buffer.concat(stdout))
    return { index, verdict: verdictOfRun(outcome) ?? (right() ? 'accepted' : 'wrong_answer'), result: resultOf(outcome) }
  }
  const { harness } = work.runtime.language
  if (harness === null) throw new JobFault('invalid_job', `${work.runtime.language.title} has no way to run a hidden program`)
  const channel = openChannel(unit.code === null ? test.code : null, work.randomBytes)
  const outcome = await runNamed(work, sandbox, name, { ...use, stage: harness.run, args: work.job.args, given: channel.given })
  return {
    index,
    verdict: channel.passed(outcome) ? 'accepted' : (verdictOfRun(outcome) ?? 'wrong_answer'),
    result: resultOf(outcome),
  }
}

const nothing = new Uint8Array(0)

function useOf({ job, runtime }: Work, values: StageUse['values']): StageUse {
  const stdin = Buffer.from(job.stdin, 'utf8')
  return { runtime, stage: runtime.language.run, values, args: [], env: job.env, limits: job.limits, stdin }
}

async function runNamed(
  work: Work,
  sandbox: Sandbox,
  run: RunName,
  use: StageUse,
  keepStdout?: Uint8Array[],
): Promise<RunOutcome> {
  const { emit, signal } = work
  await emit({ type: 'run_started', run })
  let written: unknown
  const outcome = await sandbox.run(
    runSpec(use),
    (stream, chunk) => {
      if (stream === 'stdout') keepStdout?.push(chunk)
      written = emit({ type: 'output', run, stream, chunk })
    },
    signal,
  )
  signal.throwIfAborted()
  await written
  await emit({ type: 'run_finished', run, result: resultOf(outcome) })
  return outcome
}

function resultOf({ exitCode, signal, reason, usage, cut, start = 'cold' }: RunOutcome): RunResult {
  const { ioReadBytes = null, ioWriteBytes = null } = usage
  return { exitCode, signal, reason, usage: { ...usage, ioReadBytes, ioWriteBytes }, cut, start }
}

function conclude(job: Job, ends: readonly UnitEnd[]): Judgement {
  const compile = ends.find((end) => end.compile !== null && !compiled(end.compile))?.compile ?? ends.at(-1)?.compile ?? null
  if (job.tests.length === 0) {
    const run = ends[0]?.run ?? null
    const verdict = run === null ? 'compile_error' : (verdictOfRun(run) ?? 'accepted')
    return { verdict, score: verdict === 'accepted' ? 1 : 0, compile, run, tests: [] }
  }
  const judged = new Map(ends.flatMap((end) => end.tests.map((test) => [test.index, test] as const)))
  const firstFailed = [...judged.values()].find((test) => test.verdict !== 'accepted')
  // A test that was not run carries the verdict that kept it from running; its null result tells the two apart.
  const tests = job.tests.map(({ name, weight }, index) => {
    const { verdict, result } = judged.get(index) ?? { verdict: firstFailed?.verdict ?? 'wrong_answer', result: null }
    return { name, weight, verdict, result }
  })
  const run =
    tests.find((test) => test.verdict !== 'accepted')?.result ?? tests.findLast((test) => test.result !== null)?.result ?? null
  return { ...overall(tests), compile, run, tests }
}
