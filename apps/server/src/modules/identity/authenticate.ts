import { idOf, type Role } from '@crucible/contracts'
import type { Clock } from '../../platform/clock/index.ts'
import { type Db, sql } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import type { Actor } from './actor.ts'
import { hashKey, isKey } from './api-key.ts'

type Deps = { readonly db: Db; readonly clock: Clock }

const usedEveryMs = 60_000

/**
 * The actor behind `Authorization: Bearer crk_…`, or `unauthenticated`: missing, malformed, unknown, revoked, expired
 * and suspended are told apart by nobody outside. Looked up by hash, so that no comparison of ours can leak a key.
 */
export async function authenticate({ db, clock }: Deps, authorization: string | undefined): Promise<Actor> {
  const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (key === undefined || !isKey(key)) throw refuse('unauthenticated')
  const now = clock.now()
  const found = await db.anonymous((tx) => sql<Holder>`select * from identity.holder_of_key(${hashKey(key)}, ${now})`.execute(tx))
  const [holder] = found.rows
  if (holder === undefined) throw refuse('unauthenticated')
  const organizationId = idOf('org', holder.organization_id)
  if (holder.last_used_at === null || now.getTime() - holder.last_used_at.getTime() >= usedEveryMs) {
    await db.tenant(organizationId, (tx) =>
      tx.updateTable('identity.api_key').set({ last_used_at: now }).where('id', '=', holder.api_key_id).execute(),
    )
  }
  return {
    organizationId,
    userId: idOf('usr', holder.user_id),
    apiKeyId: idOf('key', holder.api_key_id),
    role: holder.role,
    defaultProjectId: idOf('prj', holder.project_id),
  }
}

/** A row of `identity.holder_of_key`; a check constraint of the table holds the role to the roles. */
type Holder = {
  organization_id: string
  api_key_id: string
  user_id: string
  project_id: string
  role: Role
  last_used_at: Date | null
}
