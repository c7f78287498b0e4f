import { type ApiKeyId, type Id, type IdPrefix, type OrganizationId, type UserId, uuidOf } from '@crucible/contracts'
import { type SystemTx, sql, type TenantTx } from '../../platform/db/index.ts'
import { systemIds } from '../../platform/ids/index.ts'

/** Retention classes; each has its own chain, for they expire apart. */
export type AuditClass = 'security' | 'change' | 'admin' | 'privacy' | 'denied'

/** Who did it. An API key acts for a user; `system` is the platform itself. */
export type AuditActor =
  | { readonly organizationId: OrganizationId; readonly userId: UserId; readonly apiKeyId: ApiKeyId }
  | { readonly organizationId: OrganizationId; readonly system: string }

export type AuditEntry = {
  readonly action: `${string}.${string}` // from the catalogue of domain words: evaluation.cancelled
  readonly target: Id<IdPrefix>
  readonly class?: AuditClass // default: change
  readonly outcome?: 'success' | 'denied' | 'failure' // default: success
  readonly reason?: string
  readonly requestId?: string
  /** Allow-listed fields only; secrets and free text go in as a hash or not at all. */
  readonly changes?: Readonly<Record<string, string | number | boolean | null>>
}

/**
 * Appends to the organization's chain in the caller's transaction: no change without its row, no row without its change.
 * It is appended at the commit, so that the head of the chain is locked for as short as can be.
 */
export async function record(tx: TenantTx | SystemTx, actor: AuditActor, entry: AuditEntry): Promise<void> {
  const body = {
    action: entry.action,
    target: entry.target,
    actor: 'system' in actor ? { type: 'system', id: actor.system } : { type: 'user', id: actor.userId, keyId: actor.apiKeyId },
    outcome: entry.outcome ?? 'success',
    reason: entry.reason ?? null,
    requestId: entry.requestId ?? null,
    changes: entry.changes ?? {},
  }
  const id = uuidOf(systemIds('req')) // an audit row has no public id; the prefix is dropped
  tx.atCommit(
    sql`select audit.append(${uuidOf(actor.organizationId)}, ${entry.class ?? 'change'}, ${id}, now(), ${JSON.stringify(body)}::jsonb)`,
  )
}
