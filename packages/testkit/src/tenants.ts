import type { ApiKeyId, OrganizationId, ProjectId, Role, UserId } from '@crucible/contracts'
import { createMember, createOrganization, issueKey } from '../../../apps/server/src/modules/identity/index.ts'
import { createProject } from '../../../apps/server/src/modules/projects/index.ts'
import type { Clock } from '../../../apps/server/src/platform/clock/index.ts'
import type { Db } from '../../../apps/server/src/platform/db/index.ts'
import { newIds, systemRandomness } from '../../../apps/server/src/platform/ids/index.ts'

/** Somebody with a key, in an organization with one project. */
export type Tenant = {
  readonly organizationId: OrganizationId
  readonly projectId: ProjectId
  readonly userId: UserId
  readonly apiKeyId: ApiKeyId
  readonly key: string
}
type Built = { readonly db: Db; readonly clock: Clock }

/** An organization of its own, named after its one member. */
export function buildTenant(
  { db, clock }: Built,
  slug: string,
  role: Exclude<Role, 'SUPER_ADMIN'> = 'ORG_ADMIN',
): Promise<Tenant> {
  const deps = { clock, newId: newIds(clock, systemRandomness), randomness: systemRandomness }
  return db.system(async (tx) => {
    const organizationId = await createOrganization(tx, deps, { slug, name: slug })
    const projectId = await createProject(tx, deps, { organizationId, key: 'DEFAULT', name: 'default' })
    const userId = await createMember(tx, deps, { organizationId, name: slug, role })
    const { id, text } = await issueKey(tx, deps, { organizationId, userId, projectId, name: 'test' })
    return { organizationId, projectId, userId, apiKeyId: id, key: text }
  })
}

/** A colleague of `tenant` with another role. */
export function buildMember(
  { db, clock }: Built,
  tenant: Tenant,
  name: string,
  role: Exclude<Role, 'SUPER_ADMIN'>,
): Promise<Tenant> {
  const deps = { clock, newId: newIds(clock, systemRandomness), randomness: systemRandomness }
  const { organizationId, projectId } = tenant
  return db.system(async (tx) => {
    const userId = await createMember(tx, deps, { organizationId, name, role })
    const { id, text } = await issueKey(tx, deps, { organizationId, userId, projectId, name: 'test' })
    return { organizationId, projectId, userId, apiKeyId: id, key: text }
  })
}
