/**
 * The vocabulary between whoever wants a program judged and whoever runs it: the job, the events of its
 * stream, and the result. Parsed at the executor's edge and again at the worker's, trusted inside.
 * It names no tenant and no user: `attemptId` is opaque.
 */
import { z } from 'zod'

/** One limit, one unit. `wallMs` and `cpuMs` are per run; `cpuMs` counts the whole process tree. */
export const limits = z.strictObject({
  wallMs: z.int().positive(),
  cpuMs: z.int().positive(),
  memoryBytes: z.int().positive(),
  processes: z.int().positive(),
  outputBytes: z.int().positive(), // both streams of a run together
  diskBytes: z.int().positive(), // the work directory, over all runs of a job
})
export type Limits = z.infer<typeof limits>
export type LimitName = keyof Limits
export const limitNames = Object.keys(limits.shape) as LimitName[] // the keys of the literal above

/**
 * How a limit is enforced. `sampled` and `rlimit` only approximate, and a result made under them says so. `guest-kernel` is
 * the sandbox's own kernel, where it has one; `runtime` is a container runtime or a cluster that keeps it in a cgroup which we cannot see.
 */
export const mechanisms = [
  'cgroup-v2',
  'cgroup-v1',
  'tmpfs',
  'guest-kernel',
  'runtime',
  'rlimit',
  'sampled',
  'supervisor',
  'none',
] as const
export type Mechanism = (typeof mechanisms)[number]

/** From the weakest to the strongest: whoever asks for one is content with any that comes after it. */
export const isolations = ['none', 'process', 'kernel-shared', 'kernel-private'] as const
export type Isolation = (typeof isolations)[number]

/** The engines that there are; engines/catalogue.ts has what they are. The first is the one that nobody has to ask for. */
export const engineNames = ['namespaces', 'oci', 'gvisor', 'docker', 'kubernetes', 'process'] as const
export type EngineName = (typeof engineNames)[number]

/** Why a run ended, as we saw it; the exit code and signal are what the kernel said. */
export const reasons = [
  'exited',
  'signalled',
  'wall_time',
  'cpu_time',
  'memory',
  'output',
  'disk',
  'processes',
  'violation',
  'cancelled',
] as const
export type Reason = (typeof reasons)[number]

export const usage = z.object({
  wallMs: z.number(),
  cpuUserMs: z.number(),
  cpuSystemMs: z.number(),
  memoryPeakBytes: z.int().nullable(), // null: this engine cannot measure it
  processesPeak: z.int().nullable(),
  ioReadBytes: z.int().nullable().default(null), // from and to disks; null: not counted here
  ioWriteBytes: z.int().nullable().default(null),
  stdoutBytes: z.int(), // written by the program, kept or not
  stderrBytes: z.int(),
})
export type Usage = z.infer<typeof usage>

/** Whether a run paid for the start of its interpreter, or was forked from one that had been loaded ahead. */
export const starts = ['cold', 'forked'] as const
export type Start = (typeof starts)[number]

/** What was left out of a stream: `omittedBytes` after the first `headBytes`; the tail follows. */
export const cut = z.object({ headBytes: z.int(), omittedBytes: z.int() })
export type Cut = z.infer<typeof cut>

export const runResult = z.object({
  exitCode: z.int().nullable(),
  signal: z.string().nullable(), // 'SIGSEGV'
  reason: z.enum(reasons),
  usage,
  cut: z.object({ stdout: cut.nullable(), stderr: cut.nullable() }),
  start: z.enum(starts).default('cold'),
})
export type RunResult = z.infer<typeof runResult>

export const sourceFile = z.strictObject({ path: z.string(), content: z.string(), encoding: z.enum(['utf8', 'base64']) })
export type SourceFile = z.infer<typeof sourceFile>

export const checkers = ['exact', 'tokens', 'float'] as const
/** A test over stdin, or a hidden program that is run with the submission and must come to its end. */
export const test = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('stdio'),
    name: z.string(),
    stdin: z.string(),
    expectedStdout: z.string(),
    checker: z.enum(checkers),
    epsilon: z.number().positive(), // absolute or relative, whichever forgives; only `float` reads it
    args: z.array(z.string()),
    weight: z.number().positive(),
  }),
  z.strictObject({ kind: z.literal('harness'), name: z.string(), code: z.string(), weight: z.number().positive() }),
])
export type Test = z.infer<typeof test>

export const job = z.strictObject({
  attemptId: z.string().max(64),
  language: z.string(),
  version: z.string().nullable(), // null: the executor's default version
  files: z.array(sourceFile).min(1),
  entry: z.string(), // a path of `files`
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  stdin: z.string(),
  limits,
  compileLimits: limits,
  tests: z.array(test),
  stopAtFirstFailure: z.boolean(),
})
export type Job = z.infer<typeof job>

export const verdicts = [
  'accepted',
  'wrong_answer',
  'partial',
  'compile_error',
  'runtime_error',
  'time_limit',
  'memory_limit',
  'output_limit',
  'security_violation',
] as const
export type Verdict = (typeof verdicts)[number]

/**
 * `compile`, `run` (no tests), or `test:0`, `test:1` … in the order of `job.tests`. `compile` comes once for all tests
 * over stdin and once more for each hidden program of a compiled language, which becomes a binary of its own.
 */
export const runName = z.string().regex(/^(compile|run|test:\d{1,4})$/)

export const testResult = z.object({
  name: z.string(),
  verdict: z.enum(verdicts),
  weight: z.number(),
  result: runResult.nullable(), // null: not run, because an earlier test failed or the compile did
})
export type TestResult = z.infer<typeof testResult>

/** How busy the machine was at one moment. */
export const hostReading = z.object({
  loadAverage: z.number(), // of the last minute
  stealMs: z.number().nullable(), // time since boot that a hypervisor gave to others, of all processors; null: not known
})
export type HostReading = z.infer<typeof hostReading>

/** What a verdict was made with: enough to make it again elsewhere. What an older executor does not say is null. */
export const environment = z.object({
  engine: z.string(),
  engineVersion: z.string(),
  isolation: z.enum(isolations),
  mechanisms: z.record(z.enum(Object.keys(limits.shape) as [LimitName, ...LimitName[]]), z.enum(mechanisms)),
  runtime: z.string(), // 'python@3.11'
  runtimeVersion: z.string(), // what the tool itself prints: 'Python 3.11.2'
  imageDigest: z.string().nullable().default(null), // null: it ran on the files of the executor's machine
  kernel: z.string(),
  cpuModel: z.string(),
  limits: limits.nullable().default(null), // at which a run is stopped: what was granted, and what the runtime takes for itself
  reservation: z.object({ slots: z.int(), ofSlots: z.int() }).nullable().default(null), // what was set aside, whatever it used
  variables: z.record(z.string(), z.string()).nullable().default(null), // of the program's environment, that the sandbox sets
  hostAtStart: hostReading.nullable().default(null),
  hostAtEnd: hostReading.nullable().default(null),
})
export type Environment = z.infer<typeof environment>

export const judgement = z.object({
  verdict: z.enum(verdicts),
  score: z.number().min(0).max(1),
  compile: runResult.nullable(),
  run: runResult.nullable(), // without tests; with tests, the first that failed, else the last
  tests: z.array(testResult),
})
export type Judgement = z.infer<typeof judgement>

export const faultCodes = ['busy', 'unknown_runtime', 'cannot_enforce', 'invalid_job', 'engine_fault', 'shutting_down'] as const
/** One line each of the executor's NDJSON stream, in order; exactly one `finished` or `fault` is the last. */
export const jobEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), environment }),
  z.object({ type: z.literal('run_started'), run: runName }),
  z.object({ type: z.literal('output'), run: runName, stream: z.enum(['stdout', 'stderr']), base64: z.string() }),
  z.object({ type: z.literal('run_finished'), run: runName, result: runResult }),
  z.object({ type: z.literal('finished'), judgement, host: hostReading.nullable().default(null) }),
  z.object({ type: z.literal('fault'), code: z.enum(faultCodes), detail: z.string() }), // the platform's, never a verdict
])
export type JobEvent = z.infer<typeof jobEvent>
/** As an executor sends it: what an older one does not say is filled in by whoever parses it. */
export type SaidJobEvent = z.input<typeof jobEvent>

export const runtimeInfo = z.object({
  language: z.string(),
  version: z.string(), // '3.11'
  name: z.string(), // 'python@3.11'
  title: z.string(), // 'Python'
  toolVersion: z.string(),
  aliases: z.array(z.string()),
  extension: z.string(), // '.py'
  entry: z.string(), // 'main.py'
  compiled: z.boolean(),
  harness: z.boolean(),
})
export type RuntimeInfo = z.infer<typeof runtimeInfo>

/** Whether an engine could be used on the executor's machine. */
export const engineReport = z.object({
  name: z.string(),
  isolation: z.enum(isolations),
  summary: z.string(),
  obstacle: z.object({ reason: z.string(), remedy: z.string() }).nullable(), // null: nothing is missing
})
export type EngineReport = z.infer<typeof engineReport>

/** `GET /status` of an executor. */
export const executorStatus = z.object({
  name: z.string(),
  version: z.string(),
  engine: z.string(),
  engineVersion: z.string(),
  isolation: z.enum(isolations),
  mechanisms: environment.shape.mechanisms,
  runtimes: z.array(runtimeInfo),
  unavailable: z.array(z.object({ language: z.string(), reason: z.string(), remedy: z.string() })),
  slots: z.int(),
  busy: z.int(),
  findings: z.array(z.object({ level: z.enum(['ok', 'warning', 'error']), text: z.string(), remedy: z.string().nullable() })), // for `doctor`
  cannot: z.array(z.string()).default([]), // empty from an executor of before engines said so
  engines: z.array(engineReport).default([]),
})
export type ExecutorStatus = z.infer<typeof executorStatus>
