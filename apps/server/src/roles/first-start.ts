import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { idOf, type OrganizationId, type ProjectId, type UserId } from '@crucible/contracts'
import { createMember, createOrganization, issueKey } from '../modules/identity/index.ts'
import { createProject } from '../modules/projects/index.ts'
import { type Clock, systemClock } from '../platform/clock/index.ts'
import { type Db, type SystemTx, sql } from '../platform/db/index.ts'
import { newIds, systemRandomness } from '../platform/ids/index.ts'

type Owner = { readonly organizationId: OrganizationId; readonly projectId: ProjectId; readonly userId: UserId }

/**
 * Makes sure that somebody can get in: the first start makes organization, project and administrator, and any start
 * that finds no key file issues a new key (delete the file to get one). `write` puts the key where a person finds it,
 * before the commit: a key that cannot be written is not issued, and one that is not issued was never usable.
 */
export async function ensureAdministrator(
  { db, clock = systemClock }: { db: Db; clock?: Clock },
  dataDir: string,
  write: (key: string) => Promise<void>,
): Promise<void> {
  if (await exists(join(dataDir, 'admin-key'))) return
  const deps = { clock, newId: newIds(clock, systemRandomness), randomness: systemRandomness }
  await db.system(async (tx) => {
    await sql`select pg_advisory_xact_lock(7283651150)`.execute(tx) // two first starts at once make one organization
    const owner = (await findAdministrator(tx)) ?? (await createAdministrator(tx, deps))
    const { text } = await issueKey(tx, deps, { ...owner, name: 'administrator' })
    await write(text)
  })
}

async function findAdministrator(tx: SystemTx): Promise<Owner | null> {
  const row = await tx
    .selectFrom('identity.organization as o')
    .innerJoin('identity.membership as m', 'm.organization_id', 'o.id')
    .innerJoin('projects.project as p', 'p.organization_id', 'o.id')
    .select(['o.id as organization_id', 'm.user_id', 'p.id as project_id'])
    .where('o.slug', '=', 'default')
    .where('m.role', '=', 'ORG_ADMIN')
    .where('m.status', '=', 'active')
    .where('p.key', '=', 'DEFAULT')
    .orderBy('m.created_at')
    .orderBy('m.user_id')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    organizationId: idOf('org', row.organization_id),
    userId: idOf('usr', row.user_id),
    projectId: idOf('prj', row.project_id),
  }
}

async function createAdministrator(tx: SystemTx, deps: Parameters<typeof createProject>[1]): Promise<Owner> {
  const organizationId = await createOrganization(tx, deps, { slug: 'default', name: 'default' })
  const projectId = await createProject(tx, deps, { organizationId, key: 'DEFAULT', name: 'default' })
  const userId = await createMember(tx, deps, { organizationId, name: 'Administrator', role: 'ORG_ADMIN' })
  return { organizationId, projectId, userId }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
