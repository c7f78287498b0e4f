import { type ApiKeyId, idOf, type OrganizationId, type Role, uuidOf } from '@crucible/contracts'
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
  const found = await db.anonymous((tx) =>
    sql<{ organization_id: string; api_key_id: string }>`select * from identity.find_api_key(${hashKey(key)}, ${now})`.execute(
      tx,
    ),
  )
  const [row] = found.rows
  if (row === undefined) throw refuse('unauthenticated')
  return enter(db, idOf('org', row.organization_id), idOf('key', row.api_key_id), now)
}

function enter(db: Db, organizationId: OrganizationId, apiKeyId: ApiKeyId, now: Date): Promise<Actor> {
  return db.tenant(organizationId, async (tx) => {
    const row = await tx
      .selectFrom('identity.api_key as k')
      .innerJoin('identity.organization as o', 'o.id', 'k.organization_id')
      .innerJoin('identity.membership as m', (join) =>
        join.onRef('m.organization_id', '=', 'k.organization_id').onRef('m.user_id', '=', 'k.user_id'),
      )
      .innerJoin('identity.user as u', 'u.id', 'k.user_id')
      .select(['k.user_id', 'k.project_id', 'k.last_used_at', 'm.role'])
      .where('k.id', '=', uuidOf(apiKeyId))
      .where('o.status', '=', 'active')
      .where('m.status', '=', 'active')
      .where('u.status', '=', 'active')
      .executeTakeFirst()
    if (row === undefined) throw refuse('unauthenticated')
    if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() >= usedEveryMs) {
      await tx.updateTable('identity.api_key').set({ last_used_at: now }).where('id', '=', uuidOf(apiKeyId)).execute()
    }
    return {
      organizationId,
      userId: idOf('usr', row.user_id),
      apiKeyId,
      role: row.role as Role, // a check constraint of the table holds it to the roles
      defaultProjectId: idOf('prj', row.project_id),
    }
  })
}
