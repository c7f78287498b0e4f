import { type Evaluation, type EvaluationId, idOf } from '@crucible/contracts'
import type { Db } from '../../platform/db/index.ts'
import { record } from '../audit/index.ts'
import { type Actor, allow } from '../identity/index.ts'
import { cancelRow } from './moves.ts'
import { findRow } from './read.ts'
import { show } from './row.ts'

/**
 * Cancels for good, in any state and as often as one likes: a worker that finishes later finds its attempt fenced off
 * and drops the result. What has ended stays as it ended.
 */
export const cancel = (db: Pick<Db, 'tenant'>, actor: Actor, id: EvaluationId, requestId: string): Promise<Evaluation> =>
  db.tenant(actor.organizationId, async (tx) => {
    allow(actor, 'evaluation.cancel')
    const cancelled = await cancelRow(tx, { organizationId: tx.organizationId, id })
    if (cancelled === null) return show(await findRow(tx, id))
    await record(tx, actor, { action: 'evaluation.cancelled', target: idOf('evl', cancelled.id), requestId })
    return show(cancelled)
  })
