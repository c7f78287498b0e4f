/** Keeps the leases of what is in hand, all in one statement, and stops what was lost. */
import { uuidOf } from '@crucible/contracts'
import { type Db, sql } from '../../platform/db/index.ts'
import type { InFlight, InHand } from './in-flight.ts'

/**
 * Renews every lease in hand. What is not ours any more is told to stop: a cancel or a reaped lease whose wake-up was
 * lost is found here. If the database does not answer, what has outlived its lease stops as well.
 */
export async function renewLeases(db: Pick<Db, 'system'>, inFlight: InFlight, leaseMs: number): Promise<void> {
  const held = inFlight.all().filter((attempt): attempt is InHand & { attempt: number } => attempt.attempt !== null)
  if (held.length === 0) return
  const askedAtMs = performance.now()
  try {
    const { rows } = await db.system((tx) =>
      sql<{ place: number }>`
        update evaluations.evaluation e set lease_until = now() + make_interval(secs => ${leaseMs / 1000}::float8)
          from unnest(${held.map((h) => uuidOf(h.organizationId))}::uuid[], ${held.map((h) => uuidOf(h.id))}::uuid[], ${held.map((h) => h.attempt)}::int[])
            with ordinality as h (organization_id, id, attempt, place)
         where e.organization_id = h.organization_id and e.id = h.id and e.attempt = h.attempt and e.status in ('provisioning', 'running')
        returning h.place`.execute(tx),
    )
    const renewed = new Set(rows.map(({ place }) => place - 1))
    for (const [place, attempt] of held.entries()) {
      if (renewed.has(place)) attempt.leasedUntilMs = askedAtMs + leaseMs
      else attempt.stop('fenced')
    }
  } catch (error) {
    const now = performance.now()
    for (const attempt of held) if (attempt.leasedUntilMs < now) attempt.stop('fenced')
    throw error
  }
}
