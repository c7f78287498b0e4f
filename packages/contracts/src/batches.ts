import { z } from 'zod'
import { bounds } from './bounds.ts'
import { idSchema } from './ids.ts'
import { statuses } from './status.ts'
import { submitEvaluation } from './submission.ts'
import { verdicts } from './verdict.ts'

/** Inline form. The streamed form is NDJSON, one submission a line, up to 10,000. */
export const createBatch = z.strictObject({
  name: z.string().max(200).default(''),
  evaluations: z.array(submitEvaluation).min(1).max(bounds.batchInline),
})

export const batch = z.object({
  id: idSchema('btc'),
  project: idSchema('prj'),
  name: z.string(),
  total: z.int(),
  finished: z.int(),
  byStatus: z.record(z.enum(statuses as [string, ...string[]]), z.int()),
  byVerdict: z.record(z.enum(verdicts), z.int()),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
})
export type Batch = z.infer<typeof batch>

export const createdBatch = batch.extend({
  evaluations: z.array(idSchema('evl')).meta({ description: 'In the order of the lines that were sent.' }),
})
export const createBatchQuery = z.strictObject({ name: z.string().max(200).default('') })
