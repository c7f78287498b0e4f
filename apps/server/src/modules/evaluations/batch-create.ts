/** Many submissions as one: all of them are stored, or none. */

import { createHash } from 'node:crypto'
import {
  type Batch,
  type BatchId,
  type EvaluationId,
  idOf,
  type ProjectId,
  type Submission,
  submitEvaluation,
  uuidOf,
} from '@crucible/contracts'
import { sql, type TenantTx } from '../../platform/db/index.ts'
import { parseBody } from '../../platform/http/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { record } from '../audit/index.ts'
import { type Actor, allow } from '../identity/index.ts'
import { findProject } from '../projects/index.ts'
import type { Reservation } from './backlog.ts'
import { idsOfBatch, readBatch } from './batch-read.ts'
import { type Dispatchable, wakeOf } from './dispatch.ts'
import { assertSameRequest, holdKey, keepKey } from './idempotency.ts'
import { insertEvaluations, type NewEvaluation } from './insert.ts'
import { type PlanContext, planEvaluation } from './plan.ts'
import type { SubmitDeps } from './submit.ts'

export type BatchRequest = {
  readonly projectId: ProjectId
  readonly name: string
  /** One submission each, as it came; read once, as it arrives. */
  readonly items: AsyncIterable<{ readonly index: number; readonly value: unknown }>
  /** Where in the request the items are, for the pointers of faults: nowhere else for lines, in a field for a JSON body. */
  readonly itemsAt: readonly string[]
  readonly itemsMax: number
  readonly idempotencyKey: string | null
  readonly requestId: string
}
export type CreatedBatch = { readonly batch: Batch; readonly evaluations: EvaluationId[]; readonly isReplay: boolean }

const storedAtOnceMax = 250
const storedAtOnceBytesMax = 4 * 1024 * 1024
/** Each holds a connection for as long as its body takes to arrive. */
const uploadsAtOnceMax = 4

/**
 * Durable when it returns. One transaction, filled as the lines arrive: what is in memory is one chunk, and a bad line,
 * a full queue or a broken upload takes everything back.
 */
export function createBatchCreation(deps: SubmitDeps) {
  let uploads = 0
  return async (actor: Actor, request: BatchRequest): Promise<CreatedBatch> => {
    allow(actor, 'evaluation.create')
    const [offers, policy] = await Promise.all([
      deps.catalogue.offers(),
      deps.policies.of(actor.organizationId, request.projectId),
    ])
    if (uploads >= uploadsAtOnceMax)
      throw refuse('unavailable', { detail: 'Too many batches are being sent.', retryAfterSeconds: 5 })
    uploads++
    const rooms: Reservation[] = []
    let isBegun = false
    try {
      const created = await deps.db.tenant(actor.organizationId, (tx) => {
        // After a deadlock the transaction would begin anew, but lines can be read only once: the client sends them again.
        if (isBegun) throw refuse('unavailable', { detail: 'The batch met another one; send it again.', retryAfterSeconds: 1 })
        isBegun = true
        return store(tx, deps, actor, request, { offers, policy }, rooms)
      })
      await deps.dispatch(created.toDispatch)
      return created
    } finally {
      for (const room of rooms) room.settle()
      uploads--
    }
  }
}

type Stored = CreatedBatch & { readonly toDispatch: readonly Dispatchable[] }

async function store(
  tx: TenantTx,
  deps: SubmitDeps,
  actor: Actor,
  request: BatchRequest,
  context: PlanContext,
  rooms: Reservation[],
): Promise<Stored> {
  const kept = request.idempotencyKey === null ? null : await holdKey(tx, actor, request.idempotencyKey)
  const fingerprint = createHash('sha256').update(JSON.stringify(['batch', request.projectId, request.name]))
  if (kept !== null) {
    for await (const { value } of request.items) fingerprint.update(JSON.stringify(value))
    assertSameRequest(kept, fingerprint.digest())
    const id = idOf('btc', kept.subject_id)
    return { batch: await readBatch(tx, id), evaluations: await idsOfBatch(tx, id), isReplay: true, toDispatch: [] }
  }
  await findProject(tx, request.projectId)
  const id = deps.newId('btc')
  await insertBatch(tx, actor, request, id)
  const toDispatch: Dispatchable[] = []
  for await (const chunk of chunks(deps, actor, request, context, fingerprint)) {
    toDispatch.push(...(await insertChunk(tx, deps, actor, request, id, chunk, rooms)))
  }
  const evaluations = toDispatch.map((evaluation) => evaluation.id)
  if (evaluations.length === 0) throw refuse('invalid_body', { errors: [{ pointer: '', detail: 'has no evaluation' }] })
  await sql`update evaluations.batch set total = ${evaluations.length}::int where organization_id = ${uuidOf(tx.organizationId)}::uuid and id = ${uuidOf(id)}::uuid`.execute(
    tx,
  )
  if (request.idempotencyKey !== null) await keepKey(tx, actor, request.idempotencyKey, fingerprint.digest(), uuidOf(id))
  const batch = await readBatch(tx, id)
  await record(tx, actor, {
    action: 'batch.submitted',
    target: id,
    requestId: request.requestId,
    changes: { evaluations: evaluations.length },
  })
  return { batch, evaluations, isReplay: false, toDispatch }
}

const insertBatch = (tx: TenantTx, actor: Actor, { projectId, name }: BatchRequest, id: BatchId) =>
  sql`
  insert into evaluations.batch (organization_id, id, project_id, submitted_by, name, total)
  values (${uuidOf(tx.organizationId)}::uuid, ${uuidOf(id)}::uuid, ${uuidOf(projectId)}::uuid, ${uuidOf(actor.userId)}::uuid, ${name}::text, 0)`.execute(
    tx,
  )

async function* chunks(
  deps: SubmitDeps,
  actor: Actor,
  request: BatchRequest,
  context: PlanContext,
  fingerprint: { update(text: string): unknown },
) {
  let chunk: NewEvaluation[] = []
  let chunkBytes = 0
  for await (const { index, value } of request.items) {
    if (index >= request.itemsMax) throw refuse('body_too_large', { detail: `At most ${request.itemsMax} evaluations.` })
    fingerprint.update(JSON.stringify(value))
    const at = [...request.itemsAt, index]
    const submission = parseItem(value, at)
    if (submission.priority === 'high') allow(actor, 'evaluation.priority.high')
    const plan = planEvaluation(submission, context, `/${at.join('/')}`)
    chunk.push({ id: deps.newId('evl'), ordinal: index, plan })
    chunkBytes += plan.source.bundle.byteLength
    if (chunk.length < storedAtOnceMax && chunkBytes < storedAtOnceBytesMax) continue
    yield chunk
    chunk = []
    chunkBytes = 0
  }
  if (chunk.length > 0) yield chunk
}

const parseItem = (value: unknown, at: readonly (string | number)[]): Submission =>
  parseBody(submitEvaluation, value, at, `Line ${Number(at.at(-1)) + 1} has faults; nothing was stored.`)

async function insertChunk(
  tx: TenantTx,
  deps: SubmitDeps,
  actor: Actor,
  { projectId }: BatchRequest,
  batchId: BatchId,
  items: readonly NewEvaluation[],
  rooms: Reservation[],
): Promise<Dispatchable[]> {
  const { organizationId } = actor
  const toDispatch: Dispatchable[] = []
  for (const priority of new Set(items.map(({ plan }) => plan.priority))) {
    const alike = items.filter(({ plan }) => plan.priority === priority)
    const room = await deps.backlog.reserve(organizationId, priority, alike.length)
    rooms.push(room)
    for (const [place, { id, plan }] of alike.entries()) {
      const before = { ...room.before, [priority]: room.before[priority] + place }
      toDispatch.push({ organizationId, id, attempt: 1, ...wakeOf(plan), before })
    }
  }
  await insertEvaluations(tx, { projectId, batchId, submittedBy: actor.userId, attemptsMax: deps.attemptsMax, items })
  const ordinal = new Map(items.map((item) => [item.id, item.ordinal ?? 0]))
  return toDispatch.sort((a, b) => (ordinal.get(a.id) ?? 0) - (ordinal.get(b.id) ?? 0))
}

/** An array as a body that arrives at once. */
export async function* itemsOf(values: readonly unknown[]) {
  for (const [index, value] of values.entries()) yield { index, value }
}
