import { type ApiKeyId, type OrganizationId, type ProjectId, type UserId, uuidOf } from '@crucible/contracts'
import type { Clock } from '../../platform/clock/index.ts'
import type { SystemTx, TenantTx } from '../../platform/db/index.ts'
import type { NewId, Randomness } from '../../platform/ids/index.ts'
import { record } from '../audit/index.ts'
import { mintKey } from './api-key.ts'

type Deps = { readonly clock: Clock; readonly newId: NewId; readonly randomness: Randomness }
type Request = {
  readonly organizationId: OrganizationId
  readonly userId: UserId
  readonly projectId: ProjectId
  readonly name: string
  readonly expiresAt?: Date
}

/** Issues a key that acts for `userId`. The text is returned once; only its hash stays. */
export async function issueKey(tx: TenantTx | SystemTx, deps: Deps, request: Request): Promise<{ id: ApiKeyId; text: string }> {
  const id = deps.newId('key')
  const key = mintKey(deps.randomness)
  await tx
    .insertInto('identity.api_key')
    .values({
      organization_id: uuidOf(request.organizationId),
      id: uuidOf(id),
      user_id: uuidOf(request.userId),
      project_id: uuidOf(request.projectId),
      name: request.name,
      prefix: key.prefix,
      last4: key.last4,
      hash: key.hash,
      created_at: deps.clock.now(),
      expires_at: request.expiresAt ?? null,
    })
    .execute()
  const actor = { organizationId: request.organizationId, system: 'identity' }
  await record(tx, actor, { action: 'apikey.created', target: id, class: 'security', changes: { prefix: key.prefix } })
  return { id, text: key.text }
}

/** Ends a key at once; false when there was none to end. */
export async function revokeKey(tx: TenantTx, deps: Pick<Deps, 'clock'>, id: ApiKeyId): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('identity.api_key')
    .set({ revoked_at: deps.clock.now() })
    .where('id', '=', uuidOf(id))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await record(
    tx,
    { organizationId: tx.organizationId, system: 'identity' },
    { action: 'apikey.revoked', target: id, class: 'security' },
  )
  return true
}
