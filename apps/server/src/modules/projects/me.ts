import { allows, type Me, type Permission, permissions, uuidOf } from '@crucible/contracts'
import type { Db } from '../../platform/db/index.ts'
import { type Actor, allow, organizationLimits } from '../identity/index.ts'
import { findProject } from './store.ts'

/** Whose key this is, where it submits, what it may do and the limits that apply. */
export function describeMe(db: Db, actor: Actor): Promise<Me> {
  allow(actor, 'project.read')
  return db.tenant(actor.organizationId, async (tx) => {
    const row = await tx
      .selectFrom('identity.api_key as k')
      .innerJoin('identity.organization as o', 'o.id', 'k.organization_id')
      .innerJoin('identity.user as u', 'u.id', 'k.user_id')
      .select(['o.name as organization_name', 'o.slug', 'u.name as user_name', 'k.name', 'k.prefix', 'k.last_used_at'])
      .where('k.id', '=', uuidOf(actor.apiKeyId))
      .executeTakeFirstOrThrow()
    return {
      organization: { id: actor.organizationId, name: row.organization_name, slug: row.slug },
      project: await findProject(tx, actor.defaultProjectId),
      user: { id: actor.userId, name: row.user_name, role: actor.role },
      apiKey: { id: actor.apiKeyId, name: row.name, prefix: row.prefix, lastUsedAt: row.last_used_at?.toISOString() ?? null },
      permissions: (Object.keys(permissions) as Permission[]).filter((permission) => allows(actor.role, permission)), // the keys of a literal
      limits: await organizationLimits(tx),
    }
  })
}
