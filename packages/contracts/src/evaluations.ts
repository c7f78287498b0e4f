/** The evaluation as it is shown, its list and its output. Nothing else redeclares them. */
import { z } from 'zod'
import { bounds, priorities } from './bounds.ts'
import { idSchema } from './ids.ts'
import { isolations } from './isolation.ts'
import { limits } from './limits.ts'
import { pageOf, pageQuery } from './page.ts'
import { environment, runResult, testResult } from './result.ts'
import { type Status, statuses } from './status.ts'
import { verdicts } from './verdict.ts'

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
  requires: z
    .object({ isolation: z.enum(isolations), engines: z.array(z.string()).nullable() })
    .meta({ description: 'What an executor must give at least, fixed at submission; `engines` is null when any may run it.' }),
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
