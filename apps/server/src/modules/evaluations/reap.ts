/** Finds what nobody works on any more: lapsed leases, and keys that are too old to matter. */
import { idOf } from '@crucible/contracts'
import { type Db, type SystemTx, sql } from '../../platform/db/index.ts'
import { type Dispatch, nothingBefore, wakeOfRow } from './dispatch.ts'
import { lose } from './moves.ts'

const reapedAtOnceMax = 100

type Lapsed = { organization_id: string; id: string; attempt: number }

/** Each lapsed attempt counts as lost: back to queued, or failed after the last. Returns how many there were. */
export async function reap(deps: { readonly db: Pick<Db, 'system'>; readonly dispatch: Dispatch }): Promise<number> {
  const lapsed = await deps.db.system(lapsedLeases)
  for (const row of lapsed) {
    const held = { organizationId: idOf('org', row.organization_id), id: idOf('evl', row.id), attempt: row.attempt }
    const after = await deps.db.system((tx) =>
      lose(tx, held, { end: 'lease_expired', detail: 'The worker fell silent.', isCounted: true, isOnlyIfLapsed: true }),
    )
    if (after?.status === 'queued') {
      await deps.dispatch([{ ...held, attempt: after.attempt + 1, ...wakeOfRow(after), before: nothingBefore }])
    }
  }
  return lapsed.length
}

async function lapsedLeases(tx: SystemTx): Promise<Lapsed[]> {
  const { rows } = await sql<Lapsed>`
    select organization_id, id, attempt from evaluations.evaluation
     where lease_until < now()
     order by lease_until limit ${reapedAtOnceMax}`.execute(tx)
  return rows
}

const forgottenAtOnceMax = 1_000

/** Idempotency keys are kept for 24 hours. */
export const forgetOldKeys = (db: Pick<Db, 'system'>): Promise<unknown> =>
  db.system((tx) =>
    sql`
      delete from evaluations.idempotency_key where ctid in (
        select ctid from evaluations.idempotency_key where created_at < now() - interval '24 hours' order by created_at limit ${forgottenAtOnceMax})`.execute(
      tx,
    ),
  )
