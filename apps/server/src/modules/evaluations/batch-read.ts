/** A batch: its row, and counts that are derived from its evaluations whenever somebody asks. */
import {
  type Batch,
  type BatchId,
  idOf,
  isTerminal,
  type Status,
  statuses,
  uuidOf,
  type Verdict,
  verdicts,
} from '@crucible/contracts'
import { sql, type TenantTx } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { type Actor, allow } from '../identity/index.ts'

type BatchRow = { id: string; project_id: string; name: string; total: number; created_at: Date }
type Counted = { status: Status; verdict: Verdict | null; count: number; last: Date | null }

/** The row, or `batch_not_found`: unknown and another organization's look alike. */
export async function findBatch(tx: TenantTx, id: BatchId): Promise<BatchRow> {
  const { rows } = await sql<BatchRow>`
    select id, project_id, name, total, created_at from evaluations.batch
     where organization_id = ${uuidOf(tx.organizationId)}::uuid and id = ${uuidOf(id)}::uuid`.execute(tx)
  const [row] = rows
  if (row === undefined) throw refuse('batch_not_found')
  return row
}

/**
 * No counters are stored: every finishing evaluation would queue for the same row. Counting 10,000 takes a few
 * milliseconds by index, and streams share one count for a quarter second.
 */
export async function readBatch(tx: TenantTx, id: BatchId): Promise<Batch> {
  const [row, { rows: counted }] = await Promise.all([
    findBatch(tx, id),
    sql<Counted>`
      select status, verdict, count(*) as count, max(finished_at) as last
        from evaluations.evaluation
       where organization_id = ${uuidOf(tx.organizationId)}::uuid and batch_id = ${uuidOf(id)}::uuid
       group by status, verdict
       order by status, verdict
       limit 100`.execute(tx),
  ])
  return showBatch(row, counted)
}

function showBatch(row: BatchRow, counted: readonly Counted[]): Batch {
  const byStatus: Record<string, number> = Object.fromEntries(statuses.map((status) => [status, 0]))
  const byVerdict = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number> // each of them
  let finished = 0
  let lastMs = row.created_at.getTime()
  for (const { status, verdict, count, last } of counted) {
    byStatus[status] = (byStatus[status] ?? 0) + count
    if (verdict !== null) byVerdict[verdict] += count
    if (isTerminal(status)) finished += count
    lastMs = Math.max(lastMs, last?.getTime() ?? 0)
  }
  return {
    id: idOf('btc', row.id),
    project: idOf('prj', row.project_id),
    name: row.name,
    total: row.total,
    finished,
    byStatus,
    byVerdict,
    createdAt: row.created_at.toISOString(),
    finishedAt: finished === row.total ? new Date(lastMs).toISOString() : null,
  }
}

export const getBatch = (tx: TenantTx, actor: Actor, id: BatchId): Promise<Batch> => {
  allow(actor, 'evaluation.read')
  return readBatch(tx, id)
}

/** The ids of its evaluations, in the order sent. */
export async function idsOfBatch(tx: TenantTx, id: BatchId) {
  const { rows } = await sql<{ id: string }>`
    select id from evaluations.evaluation
     where organization_id = ${uuidOf(tx.organizationId)}::uuid and batch_id = ${uuidOf(id)}::uuid
     order by batch_ordinal limit 10000`.execute(tx)
  return rows.map((row) => idOf('evl', row.id))
}
