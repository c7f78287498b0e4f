/** The request, the reply and the list of evaluations. Nothing else redeclares them. */
import { z } from 'zod'
import { idSchema } from './ids.ts'
import { limits } from './limits.ts'
import { pageOf, pageQuery } from './page.ts'
import { type Status, statuses } from './status.ts'
import { byteLength, storableText, wellFormedText } from './text.ts'
import { verdicts } from './verdict.ts'

export const bounds = {
  bodyBytes: 2 * 1024 * 1024,
  sourceBytes: 1024 * 1024,
  stdinBytes: 1024 * 1024,
  files: 100,
  pathBytes: 255,
  args: 100,
  argBytes: 4096,
  envNames: 50,
  envBytes: 4096,
  tests: 1000,
  metadataBytes: 16 * 1024,
  waitSeconds: 60,
  batchInline: 100,
  batchItems: 10_000,
} as const

export const priorities = ['low', 'normal', 'high'] as const
export type Priority = (typeof priorities)[number]

/**
 * A path below the work directory: relative, no `.` or `..` or empty segment, no NUL, backslash or control character.
 * (Symbolic links cannot be submitted at all: a file has content and nothing else.)
 */
export const filePath = z
  .string()
  .min(1)
  .refine((path) => byteLength(path) <= bounds.pathBytes, { error: `must be at most ${bounds.pathBytes} bytes` })
  .refine((path) => path.isWellFormed() && !/[\p{Cc}\\]/u.test(path), {
    error: 'must not contain control characters or backslashes',
  })
  .refine((path) => !path.startsWith('/'), { error: 'must be relative' })
  .refine((path) => path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..'), {
    error: 'must not contain empty, "." or ".." segments',
  })
  .refine((path) => path.split('/').every((segment) => !segment.startsWith('.crucible')), {
    error: 'must not use the reserved prefix .crucible',
  })

export const sourceFile = z.strictObject({
  path: filePath,
  content: wellFormedText,
  encoding: z.enum(['utf8', 'base64']).default('utf8'),
})

/** Names that a caller may set; everything else in the environment is the sandbox's, and the same on every machine. */
export const envName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'must look like NAME: A-Z, 0-9 and _' })
  .refine((name) => !reservedEnv.test(name), {
    error: 'is set by the sandbox and cannot be changed',
  })
const reservedEnv =
  /^(PATH|HOME|USER|SHELL|TZ|LANG|LC_.*|LD_.*|PYTHON.*|NODE_.*|JAVA_.*|JDK_.*|BASH_.*|ENV|IFS|GCONV_PATH|CRUCIBLE_.*)$/

const argument = storableText(bounds.argBytes)
const testName = storableText(200)

export const stdioTest = z.strictObject({
  kind: z.literal('stdio').default('stdio'),
  name: testName.optional(),
  stdin: wellFormedText.default(''),
  expectedStdout: wellFormedText,
  checker: z
    .enum(['exact', 'tokens', 'float'])
    .default('exact')
    .meta({
      description: '`exact` forgives trailing blanks; `tokens` compares words; `float` compares numbers within `epsilon`.',
    }),
  epsilon: z.number().positive().max(1).default(1e-6),
  args: z.array(argument).max(bounds.args).default([]),
  weight: z.number().positive().max(1000).default(1),
})
export const harnessTest = z.strictObject({
  kind: z.literal('harness'),
  name: testName.optional(),
  code: wellFormedText.meta({
    description: 'A hidden program, run after the submission in the same scope; it must come to its end.',
  }),
  weight: z.number().positive().max(1000).default(1),
})
export const test = z.union([harnessTest, stdioTest])

export const submitEvaluation = z
  .strictObject({
    language: z
      .string()
      .min(1)
      .max(64)
      .meta({ description: 'A name or `name@version`, as GET /runtimes lists them.', examples: ['python', 'python@3.11'] }),
    code: wellFormedText.optional().meta({ description: 'The one source file; or give `files`.' }),
    files: z.array(sourceFile).min(1).max(bounds.files).optional(),
    entry: filePath
      .optional()
      .meta({ description: "The path of `files` to start with; default the language's entry, else the first file." }),
    stdin: wellFormedText.default(''),
    args: z.array(argument).max(bounds.args).default([]),
    env: z.record(envName, storableText(bounds.envBytes)).default({}),
    limits: limits.partial().default({}),
    tests: z.array(test).max(bounds.tests).default([]),
    stopAtFirstFailure: z.boolean().default(false),
    priority: z.enum(priorities).default('normal'),
    metadata: z.record(z.string().max(200), z.json()).default({}),
  })
  .superRefine((body, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
    if ((body.code === undefined) === (body.files === undefined))
      fault([body.code === undefined ? 'code' : 'files'], 'give either `code` or `files`')
    const paths = new Set<string>()
    for (const [index, file] of (body.files ?? []).entries()) {
      if (paths.has(file.path)) fault(['files', index, 'path'], 'is given twice')
      if ([...paths].some((other) => other.startsWith(`${file.path}/`) || file.path.startsWith(`${other}/`)))
        fault(['files', index, 'path'], 'is both a file and a folder')
      paths.add(file.path)
      if (file.encoding === 'base64' && !isBase64(file.content)) fault(['files', index, 'content'], 'is not base64')
    }
    if (body.entry !== undefined && body.files !== undefined && !paths.has(body.entry))
      fault(['entry'], 'is not the path of a file')
    if (Object.keys(body.env).length > bounds.envNames) fault(['env'], `must have at most ${bounds.envNames} names`)
    if (byteLength(JSON.stringify(body.metadata)) > bounds.metadataBytes)
      fault(['metadata'], `must be at most ${bounds.metadataBytes} bytes of JSON`)
    if (JSON.stringify(body.metadata).includes('\\u0000')) fault(['metadata'], 'must not contain NUL')
    if (byteLength(body.stdin) > bounds.stdinBytes) fault(['stdin'], `must be at most ${bounds.stdinBytes} bytes`)
    const sourceBytes = byteLength(body.code ?? '') + (body.files ?? []).reduce((sum, file) => sum + byteLength(file.content), 0)
    if (sourceBytes > bounds.sourceBytes)
      fault([body.code === undefined ? 'files' : 'code'], `source must be at most ${bounds.sourceBytes} bytes in all`)
  })
export type SubmitEvaluation = z.input<typeof submitEvaluation>
export type Submission = z.output<typeof submitEvaluation>

const base64 = z.base64()
const isBase64 = (text: string) => base64.safeParse(text).success

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

export const runResult = z.object({
  exitCode: z.int().nullable(),
  signal: z.string().nullable().meta({ description: 'As the kernel gave it, for example SIGSEGV.' }),
  reason: z.enum(reasons),
  usage: z.object({
    wallMs: z.number(),
    cpuUserMs: z.number(),
    cpuSystemMs: z.number(),
    memoryPeakBytes: z.int().nullable(),
    processesPeak: z.int().nullable(),
    stdoutBytes: z.int(),
    stderrBytes: z.int(),
  }),
  cut: z
    .object({
      stdout: z.object({ headBytes: z.int(), omittedBytes: z.int() }).nullable(),
      stderr: z.object({ headBytes: z.int(), omittedBytes: z.int() }).nullable(),
    })
    .meta({ description: 'Per stream: null, or what was left out after the head; the tail follows it.' }),
})
export type RunResult = z.infer<typeof runResult>

export const environment = z
  .object({
    engine: z.string(),
    engineVersion: z.string(),
    isolation: z.enum(['none', 'process', 'kernel-shared', 'kernel-private']),
    mechanisms: z.record(z.string(), z.string()).meta({ description: 'Which mechanism enforced which limit.' }),
    runtime: z.string(),
    runtimeVersion: z.string(),
    kernel: z.string(),
    cpuModel: z.string(),
    loadAverage: z.number(),
  })
  .meta({ description: 'What the verdict was made with.' })

export const testResult = z.object({
  name: z.string(),
  verdict: z.enum(verdicts),
  weight: z.number(),
  result: runResult.nullable(),
})

/** Why an attempt did not lead to a verdict; the program's own failures never appear here. */
export const attemptEnd = [
  'completed',
  'cancelled',
  'executor_lost',
  'executor_busy',
  'engine_fault',
  'lease_expired',
  'handed_back',
] as const

export const attempt = z.object({
  id: idSchema('att'),
  number: z.int(),
  executor: z.string().nullable(),
  engine: z.string().nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  end: z.enum(attemptEnd).nullable(),
  detail: z.string().nullable(),
})
export type Attempt = z.infer<typeof attempt>

export const evaluation = z.object({
  id: idSchema('evl'),
  project: idSchema('prj'),
  batch: idSchema('btc').nullable(),
  status: z.enum(statuses),
  verdict: z.enum(verdicts).nullable(),
  score: z.number().nullable(),
  language: z.string(),
  runtime: z.string().meta({ description: 'The runtime chosen at submission, for example python@3.11.' }),
  priority: z.enum(priorities),
  limits: limits,
  tests: z.object({ total: z.int(), passed: z.int().nullable() }),
  isIsolated: z.boolean().nullable().meta({ description: 'false: made by an engine without isolation; null: not run yet.' }),
  attempts: z.int(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  result: runResult.nullable().meta({ description: 'The run that decided the verdict.' }),
  failure: z
    .object({ code: z.enum(attemptEnd), detail: z.string() })
    .nullable()
    .meta({ description: 'Why the platform could not obtain a verdict (status failed).' }),
})
export type Evaluation = z.infer<typeof evaluation>

export const evaluationDetail = evaluation.extend({
  files: z.array(z.object({ path: z.string(), content: z.string(), encoding: z.enum(['utf8', 'base64']) })),
  entry: z.string(),
  stdin: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  testCases: z.array(z.unknown()).meta({ description: 'The tests as they were submitted.' }),
  compile: runResult.nullable(),
  testResults: z.array(testResult),
  environment: environment.nullable(),
  attemptHistory: z.array(attempt),
  metadata: z.record(z.string(), z.unknown()),
})
export type EvaluationDetail = z.infer<typeof evaluationDetail>

const statusList = statuses as [Status, ...Status[]] // never empty

/** A comma-separated list in the query: `status=queued,running`. */
const oneOf = <T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)).min(1).max(values.length))

export const listEvaluationsQuery = pageQuery.extend({
  project: idSchema('prj').optional(),
  batch: idSchema('btc').optional(),
  status: oneOf(statusList).optional(),
  verdict: oneOf(verdicts).optional(),
  language: z.string().max(64).optional(),
  createdAfter: z.iso.datetime({ offset: true }).optional(),
  createdBefore: z.iso.datetime({ offset: true }).optional(),
})
export const evaluationPage = pageOf(evaluation)

export const waitQuery = z.strictObject({
  wait: z.coerce
    .number()
    .min(0)
    .max(bounds.waitSeconds)
    .optional()
    .meta({ description: 'Seconds to wait for the end, at most 60.' }),
})

/** A byte range of what the program wrote. The reply is bytes, never text that we re-encoded. */
export const outputQuery = z.strictObject({
  stream: z.enum(['stdout', 'stderr', 'both']).default('both'),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(8 * 1024 * 1024)
    .default(1024 * 1024),
})
