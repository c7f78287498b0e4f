import { type Batch, type BatchId, type EvaluationId, idOf, liveStatuses, uuidOf } from '@crucible/contracts'
import { type Db, sql, type TenantTx } from '../../platform/db/index.ts'
import { record } from '../audit/index.ts'
import { type Actor, allow } from '../identity/index.ts'
import { findBatch, readBatch } from './batch-read.ts'
import { cancelRow } from './moves.ts'

const cancelledAtOnceMax = 200

/** Cancels what has not finished, a few hundred at a time: nobody waits long for the locks. Done again it does nothing. */
export async function cancelBatch(db: Pick<Db, 'tenant'>, actor: Actor, id: BatchId, requestId: string): Promise<Batch> {
  allow(actor, 'evaluation.cancel')
  let cancelled = 0
  for (let more = true; more; ) {
    more = await db.tenant(actor.organizationId, async (tx) => {
      await findBatch(tx, id)
      const live = await liveOf(tx, id)
      const rows = await Promise.all(
        live.map((evaluation) => cancelRow(tx, { organizationId: tx.organizationId, id: evaluation })),
      )
      cancelled += rows.filter((row) => row !== null).length
      return live.length === cancelledAtOnceMax
    })
  }
  return db.tenant(actor.organizationId, async (tx) => {
    const batch = await readBatch(tx, id)
    if (cancelled > 0)
      await record(tx, actor, { action: 'batch.cancelled', target: id, requestId, changes: { evaluations: cancelled } })
    return batch
  })
}

async function liveOf(tx: TenantTx, id: BatchId): Promise<EvaluationId[]> {
  const { rows } = await sql<{ id: string }>`
    select id from evaluations.evaluation
     where organization_id = ${uuidOf(tx.organizationId)}::uuid and batch_id = ${uuidOf(id)}::uuid and status in (${sql.join(liveStatuses)})
     order by batch_ordinal limit ${cancelledAtOnceMax}`.execute(tx)
  return rows.map((row) => idOf('evl', row.id))
}
