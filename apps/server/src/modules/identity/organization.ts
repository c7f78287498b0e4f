import { limitDefaults, limitMaxima, limits, type OrganizationId, type Role, type UserId, uuidOf } from '@crucible/contracts'
import { z } from 'zod'
import type { Clock } from '../../platform/clock/index.ts'
import type { SystemTx, TenantTx } from '../../platform/db/index.ts'
import type { NewId } from '../../platform/ids/index.ts'
import { record } from '../audit/index.ts'

type Deps = { readonly clock: Clock; readonly newId: NewId }

/** Creates an organization with nobody in it. */
export async function createOrganization(
  tx: SystemTx,
  deps: Deps,
  { slug, name }: { slug: string; name: string },
): Promise<OrganizationId> {
  const id = deps.newId('org')
  const now = deps.clock.now()
  await tx
    .insertInto('identity.organization')
    .values({ id: uuidOf(id), slug, name, created_at: now, updated_at: now })
    .execute()
  await record(tx, { organizationId: id, system: 'identity' }, { action: 'org.created', target: id, class: 'admin' })
  return id
}

/** Creates a person and makes them a member. */
export async function createMember(
  tx: SystemTx,
  deps: Deps,
  { organizationId, name, role }: { organizationId: OrganizationId; name: string; role: Exclude<Role, 'SUPER_ADMIN'> },
): Promise<UserId> {
  const id = deps.newId('usr')
  const now = deps.clock.now()
  await tx
    .insertInto('identity.user')
    .values({ id: uuidOf(id), name, created_at: now, updated_at: now })
    .execute()
  await tx
    .insertInto('identity.membership')
    .values({ organization_id: uuidOf(organizationId), user_id: uuidOf(id), role, created_at: now })
    .execute()
  await record(
    tx,
    { organizationId, system: 'identity' },
    { action: 'member.joined', target: id, class: 'admin', changes: { role } },
  )
  return id
}

const settings = z.object({
  limits: z
    .object({ defaults: limits.partial().default({}), maxima: limits.partial().default({}) })
    .default({ defaults: {}, maxima: {} }),
})

/** What a run may use in this organization: the product's figures, with the organization's own on top. */
export async function organizationLimits(
  tx: TenantTx,
): Promise<{ defaults: z.infer<typeof limits>; maxima: z.infer<typeof limits> }> {
  const row = await tx
    .selectFrom('identity.organization')
    .select('settings')
    .where('id', '=', uuidOf(tx.organizationId))
    .executeTakeFirstOrThrow()
  const own = settings.parse(row.settings).limits
  return { defaults: { ...limitDefaults, ...given(own.defaults) }, maxima: { ...limitMaxima, ...given(own.maxima) } }
}

/** Without the names that are present and undefined, which would hide the product's figure. */
const given = <T extends object>(partial: T) =>
  Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  } // what the filter leaves
