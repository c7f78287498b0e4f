/** From a request to a row that somebody will work on. */
import { type EvaluationId, idOf, type ProjectId, type Submission, uuidOf } from '@crucible/contracts'
import { type Db, inOrder, type TenantTx } from '../../platform/db/index.ts'
import type { Hub } from '../../platform/events/index.ts'
import type { NewId } from '../../platform/ids/index.ts'
import { record } from '../audit/index.ts'
import { type Actor, allow } from '../identity/index.ts'
import { findProject } from '../projects/index.ts'
import type { Backlog } from './backlog.ts'
import type { Catalogue } from './catalogue.ts'
import { type Dispatch, wakeOf } from './dispatch.ts'
import { assertSameRequest, fingerprintOf, holdKey, keepKey } from './idempotency.ts'
import { insertEvaluations } from './insert.ts'
import { type Plan, planEvaluation } from './plan.ts'
import type { Policies } from './policies.ts'
import { findRow, readRow } from './read.ts'
import type { EvaluationRow } from './row.ts'
import { openEndBell, type Waiting, waitForEnd } from './wait.ts'

export type SubmitDeps = {
  readonly db: Db
  readonly wakeups: Hub
  readonly backlog: Backlog
  readonly catalogue: Catalogue
  readonly policies: Policies
  readonly dispatch: Dispatch
  readonly newId: NewId
  readonly attemptsMax: number
}

export type SubmitRequest = Waiting & {
  readonly projectId: ProjectId
  readonly submission: Submission
  readonly idempotencyKey: string | null
  readonly requestId: string
}
export type Submitted = { readonly row: EvaluationRow; readonly isReplay: boolean }

/** Durable when it returns: queued, or a replay of what the same Idempotency-Key has made. Waits for the end as asked. */
export async function submit(deps: SubmitDeps, actor: Actor, request: SubmitRequest): Promise<Submitted> {
  allow(actor, 'evaluation.create')
  if (request.submission.priority === 'high') allow(actor, 'evaluation.priority.high')
  const { projectId, submission } = request
  const [offers, policy] = await Promise.all([deps.catalogue.offers(), deps.policies.of(actor.organizationId, projectId)])
  const plan = planEvaluation(submission, { offers, policy })
  const id = deps.newId('evl')
  const bell = openEndBell(deps.wakeups, uuidOf(id))
  try {
    const stored = await store(deps, actor, request, plan, id)
    if (stored.isReplay) return { ...stored, row: await waitForReplayed(deps, actor, stored.row, request) }
    return { ...stored, row: await waitForEnd(deps.db, actor.organizationId, stored.row, bell, request) }
  } finally {
    bell.close()
  }
}

async function store(deps: SubmitDeps, actor: Actor, request: SubmitRequest, plan: Plan, id: EvaluationId): Promise<Submitted> {
  const { organizationId } = actor
  const room = await deps.backlog.reserve(organizationId, plan.priority, 1)
  try {
    const stored = await deps.db.tenant(organizationId, (tx) => insertOnce(tx, deps, actor, request, plan, id))
    if (!stored.isReplay) await deps.dispatch([{ organizationId, id, attempt: 1, ...wakeOf(plan), before: room.before }])
    return stored
  } finally {
    room.settle()
  }
}

async function insertOnce(
  tx: TenantTx,
  deps: SubmitDeps,
  actor: Actor,
  request: SubmitRequest,
  plan: Plan,
  id: EvaluationId,
): Promise<Submitted> {
  const { projectId, submission, idempotencyKey, requestId } = request
  const fingerprint = idempotencyKey === null ? null : fingerprintOf('evaluation', projectId, submission)
  if (idempotencyKey !== null && fingerprint !== null) {
    const kept = await holdKey(tx, actor, idempotencyKey)
    if (kept !== null) {
      assertSameRequest(kept, fingerprint)
      return { row: await findRow(tx, idOf('evl', kept.subject_id)), isReplay: true }
    }
  }
  // One write, one answer: the first fault of them is the one that is reported, and takes back all.
  const statements = [
    findProject(tx, projectId),
    insertEvaluations(tx, {
      projectId,
      batchId: null,
      submittedBy: actor.userId,
      attemptsMax: deps.attemptsMax,
      items: [{ id, ordinal: null, plan }],
    }),
    idempotencyKey !== null && fingerprint !== null && keepKey(tx, actor, idempotencyKey, fingerprint, uuidOf(id)),
    findRow(tx, id),
    record(tx, actor, { action: 'evaluation.submitted', target: id, requestId, changes: { runtime: plan.runtime } }),
  ] as const
  const [, , , row] = await inOrder(statements)
  return { row, isReplay: false }
}

async function waitForReplayed(deps: SubmitDeps, actor: Actor, row: EvaluationRow, waiting: Waiting): Promise<EvaluationRow> {
  const bell = openEndBell(deps.wakeups, row.id)
  try {
    const latest = await readRow(deps.db, actor.organizationId, idOf('evl', row.id))
    return await waitForEnd(deps.db, actor.organizationId, latest, bell, waiting)
  } finally {
    bell.close()
  }
}
