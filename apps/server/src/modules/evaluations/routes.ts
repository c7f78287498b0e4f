/** Parse → verb → reply. What is refused, and why, is the verbs' to say. */
import { bounds, type ProjectId, type Submission } from '@crucible/contracts'
import type { Call, Handlers } from '../../platform/http/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { type Actor, allow } from '../identity/index.ts'
import { cancelBatch } from './batch-cancel.ts'
import { type CreatedBatch, createBatchCreation, itemsOf } from './batch-create.ts'
import { findBatch, getBatch } from './batch-read.ts'
import { createBatchCounts, followBatch } from './batch-stream.ts'
import { cancel } from './cancel.ts'
import { showCatalogue } from './catalogue.ts'
import { listBatchItems, listEvaluations } from './list.ts'
import { readOutput } from './output.ts'
import { policyHandlers } from './policy-routes.ts'
import { findRow, readDetail } from './read.ts'
import { show } from './row.ts'
import { followEvaluation } from './stream.ts'
import { createStreamSlots } from './stream-slots.ts'
import { type SubmitDeps, submit } from './submit.ts'

export type RouteDeps = SubmitDeps & { readonly cursorKey: Uint8Array }
type Own = Omit<Handlers<Actor>, 'me'>

export function evaluationHandlers(deps: RouteDeps): Own {
  const { db } = deps
  const createBatch = createBatchCreation(deps)
  const openStream = createStreamSlots()
  const counts = createBatchCounts(db)

  return {
    ...policyHandlers(deps),
    listRuntimes: async ({ actor }) => {
      allow(actor, 'runtime.read')
      return { status: 200, body: showCatalogue(await deps.catalogue.reports()) }
    },
    submitEvaluation: (call) => submitted(deps, call, call.actor.defaultProjectId, call.body),
    submitEvaluationInProject: (call) => submitted(deps, call, call.params.project, call.body),
    listEvaluations: async ({ actor, query }) => ({
      status: 200,
      body: await db.tenant(actor.organizationId, (tx) => listEvaluations(tx, actor, deps.cursorKey, query)),
    }),
    getEvaluation: async ({ actor, params }) => ({
      status: 200,
      body: await db.tenant(actor.organizationId, (tx) => readDetail(tx, actor, params.evaluation)),
    }),
    cancelEvaluation: async ({ actor, params, requestId }) => ({
      status: 200,
      body: await cancel(db, actor, params.evaluation, requestId),
    }),
    readOutput: async ({ actor, params, query }) => {
      const output = await db.tenant(actor.organizationId, (tx) => readOutput(tx, actor, params.evaluation, query))
      const headers = {
        'crucible-output-bytes': String(output.totalBytes),
        'crucible-output-more': String(output.mayGrow || query.offset + output.bytes.byteLength < output.totalBytes),
        'crucible-attempt': String(output.attempt),
      }
      return { status: 200, bytes: output.bytes, headers }
    },
    streamEvaluation: async ({ actor, params, lastEventId }) => {
      allow(actor, 'evaluation.read')
      await db.tenant(actor.organizationId, (tx) => findRow(tx, params.evaluation)) // 404 before the stream begins
      const close = openStream(actor.apiKeyId)
      return {
        async events(sink) {
          try {
            for await (const { seq, event } of followEvaluation(
              deps,
              actor.organizationId,
              params.evaluation,
              lastEventId,
              sink.signal,
            )) {
              await sink.send({ id: seq, event: event.type, data: event })
            }
          } finally {
            close()
          }
        },
      }
    },

    createBatch: (call) => batchCreated(createBatch, call, call.actor.defaultProjectId, call.body),
    createBatchInProject: (call) => batchCreated(createBatch, call, call.params.project, call.body),
    getBatch: async ({ actor, params }) => ({
      status: 200,
      body: await db.tenant(actor.organizationId, (tx) => getBatch(tx, actor, params.batch)),
    }),
    listBatchItems: async ({ actor, params, query }) => ({
      status: 200,
      body: await db.tenant(actor.organizationId, (tx) => listBatchItems(tx, actor, deps.cursorKey, params.batch, query)),
    }),
    streamBatch: async ({ actor, params }) => {
      allow(actor, 'evaluation.read')
      await db.tenant(actor.organizationId, (tx) => findBatch(tx, params.batch))
      const close = openStream(actor.apiKeyId)
      return {
        async events(sink) {
          try {
            for await (const event of followBatch(
              { counts, wakeups: deps.wakeups },
              actor.organizationId,
              params.batch,
              sink.signal,
            )) {
              await sink.send({ event: event.type, data: event })
            }
          } finally {
            close()
          }
        },
      }
    },
    cancelBatch: async ({ actor, params, requestId }) => ({
      status: 200,
      body: await cancelBatch(db, actor, params.batch, requestId),
    }),
  }
}

type SubmitCall = Call<'submitEvaluation', Actor> | Call<'submitEvaluationInProject', Actor>

async function submitted(deps: SubmitDeps, call: SubmitCall, projectId: ProjectId, submission: Submission) {
  const { idempotencyKey, requestId, signal, query } = call
  const waitMs = (query.wait ?? 0) * 1_000
  const { row, isReplay } = await submit(deps, call.actor, { projectId, submission, idempotencyKey, requestId, signal, waitMs })
  const body = show(row)
  const headers = { location: `/api/v1/evaluations/${body.id}`, ...(isReplay ? { 'idempotency-replayed': 'true' } : {}) }
  return waitMs > 0 && row.finished_at !== null
    ? { status: 200 as const, body, headers }
    : { status: 202 as const, body, headers }
}

type BatchCall = Call<'createBatch', Actor> | Call<'createBatchInProject', Actor>

async function batchCreated(
  create: ReturnType<typeof createBatchCreation>,
  call: BatchCall,
  projectId: ProjectId,
  body: BatchCall['body'],
) {
  const { actor, idempotencyKey, requestId, lines } = call
  if (lines === null && body === undefined) throw refuse('invalid_body', { errors: [{ pointer: '', detail: 'is missing' }] })
  const { batch, evaluations, isReplay }: CreatedBatch = await create(actor, {
    projectId,
    name: body?.name || call.query.name,
    items: lines ?? itemsOf(body?.evaluations ?? []),
    itemsAt: lines === null ? ['evaluations'] : [],
    itemsMax: bounds.batchItems,
    idempotencyKey,
    requestId,
  })
  const headers = { location: `/api/v1/batches/${batch.id}`, ...(isReplay ? { 'idempotency-replayed': 'true' } : {}) }
  return { status: 202 as const, body: { ...batch, evaluations }, headers }
}
