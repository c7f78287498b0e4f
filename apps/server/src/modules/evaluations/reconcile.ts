/** Adds queue entries for rows that wait: an entry is added after the commit, and a queue may forget. */
import { idOf, type OrganizationId } from '@crucible/contracts'
import { type Db, type SystemTx, sql } from '../../platform/db/index.ts'
import { type Dispatch, nothingBefore, type WaitingRow, wakeOfRow } from './dispatch.ts'
import type { Outstanding } from './rank.ts'

const addedAtOnceMax = 500

type Waiting = WaitingRow & { organization_id: string; id: string; attempt: number }

/**
 * Every row that has waited for `olderThanMs`, with or without an entry: adding an entry that exists does nothing, and
 * asking the queue first would cost as much. Returns how many rows it looked at.
 */
export async function reconcile(
  deps: { readonly db: Pick<Db, 'system'>; readonly dispatch: Dispatch },
  olderThanMs: number,
): Promise<number> {
  const before = new Map<OrganizationId, Outstanding>()
  let after = { organization_id: '00000000-0000-0000-0000-000000000000', id: '00000000-0000-0000-0000-000000000000' }
  for (let count = 0; ; ) {
    const rows = await deps.db.system((tx) => waitingAfter(tx, after, olderThanMs))
    await deps.dispatch(
      rows.map((row) => {
        const organizationId = idOf('org', row.organization_id)
        const counts = before.get(organizationId) ?? nothingBefore
        before.set(organizationId, { ...counts, [row.priority]: counts[row.priority] + 1 })
        return { organizationId, id: idOf('evl', row.id), attempt: row.attempt + 1, ...wakeOfRow(row), before: counts }
      }),
    )
    count += rows.length
    const last = rows.at(-1)
    if (last === undefined || rows.length < addedAtOnceMax) return count
    after = last
  }
}

async function waitingAfter(
  tx: SystemTx,
  after: { organization_id: string; id: string },
  olderThanMs: number,
): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select organization_id, id, attempt, priority, runtime, isolation_least, engines from evaluations.evaluation
     where status in ('submitted', 'queued') and (organization_id, id) > (${after.organization_id}::uuid, ${after.id}::uuid)
       and queued_at <= now() - make_interval(secs => ${olderThanMs / 1000}::float8)
     order by organization_id, id limit ${addedAtOnceMax}`.execute(tx)
  return rows
}
