/** The isolation that a project asks for, on top of its organization's. */
import { bothPolicies, type IsolationInForce, type IsolationPolicy, type ProjectId, uuidOf } from '@crucible/contracts'
import { sql, type TenantTx } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { record } from '../audit/index.ts'
import { type Actor, allow, changesOf, isolationOf, type Versioned } from '../identity/index.ts'

export type ProjectIsolation = Versioned & { readonly inForce: IsolationInForce }
type Row = { settings: unknown; version: number; organization_settings: unknown }

/** Throws `project_not_found` as `findProject` does. */
export async function projectIsolation(tx: TenantTx, id: ProjectId): Promise<ProjectIsolation> {
  const { rows } = await sql<Row>`
    select p.settings, p.version, o.settings as organization_settings
      from projects.project p join identity.organization o on o.id = p.organization_id
     where p.organization_id = ${uuidOf(tx.organizationId)}::uuid and p.id = ${uuidOf(id)}::uuid and p.deleted_at is null`.execute(
    tx,
  )
  const [row] = rows
  if (row === undefined) throw refuse('project_not_found')
  const policy = isolationOf(row.settings)
  return { policy, version: row.version, inForce: bothPolicies(isolationOf(row.organization_settings), policy) }
}

/** Throws `stale_version` when it was changed since `version` was read. */
export async function setProjectIsolation(
  tx: TenantTx,
  actor: Actor,
  id: ProjectId,
  { policy, version, requestId }: { policy: IsolationPolicy; version: number; requestId: string },
): Promise<ProjectIsolation> {
  allow(actor, 'project.update')
  const { rows } = await sql`
    update projects.project
       set settings = jsonb_set(settings, '{isolation}', ${JSON.stringify(policy)}::jsonb), version = version + 1, updated_at = now()
     where organization_id = ${uuidOf(tx.organizationId)}::uuid and id = ${uuidOf(id)}::uuid and deleted_at is null
       and version = ${version}::int
    returning id`.execute(tx)
  const now = await projectIsolation(tx, id) // also tells a project that is not there from one that has changed
  if (rows.length === 0) throw refuse('stale_version')
  await record(tx, actor, { action: 'project.updated', target: id, class: 'admin', requestId, changes: changesOf(policy) })
  return now
}
