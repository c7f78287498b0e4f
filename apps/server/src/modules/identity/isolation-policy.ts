/** The isolation that an organization asks for, kept in its settings. */
import { type IsolationPolicy, isolationPolicy, noPolicy, uuidOf } from '@crucible/contracts'
import { z } from 'zod'
import { sql, type TenantTx } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { record } from '../audit/index.ts'
import { type Actor, allow } from './actor.ts'

export type Versioned = { readonly policy: IsolationPolicy; readonly version: number }
type Row = { settings: unknown; version: number }

const settings = z.object({ isolation: isolationPolicy.default(noPolicy) })

/** The part of the settings of an organization or a project that says how its runs are isolated. */
export const isolationOf = (stored: unknown): IsolationPolicy => settings.parse(stored).isolation

export async function organizationIsolation(tx: TenantTx): Promise<Versioned> {
  const { rows } = await sql<Row>`
    select settings, version from identity.organization where id = ${uuidOf(tx.organizationId)}::uuid`.execute(tx)
  return versioned(rows[0])
}

/** Throws `stale_version` when it was changed since `version` was read. */
export async function setOrganizationIsolation(
  tx: TenantTx,
  actor: Actor,
  { policy, version, requestId }: { policy: IsolationPolicy; version: number; requestId: string },
): Promise<Versioned> {
  allow(actor, 'org.update')
  const { rows } = await sql<Row>`
    update identity.organization
       set settings = jsonb_set(settings, '{isolation}', ${JSON.stringify(policy)}::jsonb), version = version + 1, updated_at = now()
     where id = ${uuidOf(tx.organizationId)}::uuid and version = ${version}::int
    returning settings, version`.execute(tx)
  if (rows.length === 0) throw refuse('stale_version')
  await record(tx, actor, {
    action: 'org.settings_changed',
    target: tx.organizationId,
    class: 'admin',
    requestId,
    changes: changesOf(policy),
  })
  return versioned(rows[0])
}

/** What the audit trail keeps of a policy. */
export const changesOf = ({ least, engines }: IsolationPolicy) => ({
  isolationLeast: least,
  engines: engines === null ? null : engines.join(','),
})

function versioned(row: Row | undefined): Versioned {
  if (row === undefined) throw new Error('the organization of this transaction is gone')
  return { policy: isolationOf(row.settings), version: row.version }
}
