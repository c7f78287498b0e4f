/**
 * The events of `GET /evaluations/{id}/stream` and `GET /batches/{id}/stream`.
 * `id:` is the evaluation's sequence number, without gaps from 1; `Last-Event-ID` replays what follows it.
 */
import { z } from 'zod'
import { batch } from './batches.ts'
import { evaluation } from './evaluations.ts'
import { runResult } from './result.ts'
import { statuses } from './status.ts'

export const evaluationEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: z.enum(statuses), attempt: z.int(), at: z.iso.datetime() }),
  z.object({ type: z.literal('run_started'), run: z.string() }),
  z.object({ type: z.literal('output'), run: z.string(), stream: z.enum(['stdout', 'stderr']), base64: z.string() }),
  z.object({ type: z.literal('run_finished'), run: z.string(), result: runResult }),
  /** The platform lost the attempt: what was shown of it is void and a new attempt begins. */
  z.object({ type: z.literal('reset'), attempt: z.int() }),
  /** The terminal event; the stream ends after it. */
  z.object({ type: z.literal('finished'), evaluation }),
])
export type EvaluationEvent = z.infer<typeof evaluationEvent>

export const batchEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), batch }),
  z.object({ type: z.literal('finished'), batch }),
])
export type BatchEvent = z.infer<typeof batchEvent>
