/** One result for one key: a request sent again, because its answer was lost, makes nothing new. */
import { createHash } from 'node:crypto'
import { uuidOf } from '@crucible/contracts'
import { sql, type TenantTx } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import type { Actor } from '../identity/index.ts'

export const fingerprintOf = (...parts: readonly unknown[]): Buffer => createHash('sha256').update(JSON.stringify(parts)).digest()

type Kept = { fingerprint: Buffer; subject_id: string }

/**
 * Holds the key until the transaction ends and gives what an earlier request under it has made.
 * Throws `idempotency_in_flight` when another transaction holds it: waiting for that would tie up a connection.
 */
export async function holdKey(tx: TenantTx, actor: Actor, key: string): Promise<Kept | null> {
  const principal = uuidOf(actor.userId)
  // Both are sent in one write; each sees what was committed before it began, so the second sees what the first let in.
  const [held, kept] = await Promise.all([
    sql<{ is_held: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${`${tx.organizationId} ${principal} ${key}`}, 0)) as is_held`.execute(
      tx,
    ),
    sql<Kept>`
      select fingerprint, subject_id from evaluations.idempotency_key
       where organization_id = ${uuidOf(tx.organizationId)}::uuid and principal_id = ${principal}::uuid and key = ${key}
         and created_at > now() - interval '24 hours'`.execute(tx),
  ])
  if (held.rows[0]?.is_held !== true) throw refuse('idempotency_in_flight', { retryAfterSeconds: 1 })
  return kept.rows[0] ?? null
}

export function assertSameRequest(kept: Kept, fingerprint: Buffer): void {
  if (!kept.fingerprint.equals(fingerprint)) throw refuse('idempotency_mismatch')
}

/** The key must be held. */
export async function keepKey(tx: TenantTx, actor: Actor, key: string, fingerprint: Buffer, subjectUuid: string): Promise<void> {
  await sql`
    insert into evaluations.idempotency_key (organization_id, principal_id, key, fingerprint, subject_id)
    values (${uuidOf(tx.organizationId)}::uuid, ${uuidOf(actor.userId)}::uuid, ${key}, ${fingerprint}::bytea, ${subjectUuid}::uuid)
    on conflict (organization_id, principal_id, key)
    do update set fingerprint = excluded.fingerprint, subject_id = excluded.subject_id, created_at = now()`.execute(tx)
}
