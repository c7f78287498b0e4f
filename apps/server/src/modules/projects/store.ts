import { idOf, type OrganizationId, type ProjectId, uuidOf } from '@crucible/contracts'
import type { Clock } from '../../platform/clock/index.ts'
import type { SystemTx, TenantTx } from '../../platform/db/index.ts'
import type { NewId } from '../../platform/ids/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { record } from '../audit/index.ts'

export type Project = { readonly id: ProjectId; readonly key: string; readonly name: string }

/** The live project, or `project_not_found`: unknown, deleted and another organization's look alike. */
export async function findProject(tx: TenantTx, id: ProjectId): Promise<Project> {
  const row = await tx
    .selectFrom('projects.project')
    .select(['id', 'key', 'name'])
    .where('id', '=', uuidOf(id))
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) throw refuse('project_not_found')
  return { id: idOf('prj', row.id), key: row.key, name: row.name }
}

/** Creates a project; `key` is what people write, as in ALG-42. */
export async function createProject(
  tx: TenantTx | SystemTx,
  deps: { readonly clock: Clock; readonly newId: NewId },
  { organizationId, key, name }: { organizationId: OrganizationId; key: string; name: string },
): Promise<ProjectId> {
  const id = deps.newId('prj')
  const now = deps.clock.now()
  await tx
    .insertInto('projects.project')
    .values({ organization_id: uuidOf(organizationId), id: uuidOf(id), key, name, created_at: now, updated_at: now })
    .execute()
  await record(tx, { organizationId, system: 'projects' }, { action: 'project.created', target: id, changes: { key } })
  return id
}
