/** Lists: filters before paging, newest first, by keyset. */
import {
  type BatchId,
  type Evaluation,
  idOf,
  idPattern,
  type listEvaluationsQuery,
  type pageQuery,
  uuidOf,
} from '@crucible/contracts'
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { TenantTx } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { type Actor, allow } from '../identity/index.ts'
import { findProject } from '../projects/index.ts'
import { findBatch } from './batch-read.ts'
import { type CursorScope, readCursor, writeCursor } from './cursor.ts'
import { type EvaluationRow, show, shownColumns } from './row.ts'

export type Page = { data: Evaluation[]; page: { nextCursor: string | null; hasMore: boolean } }
type Filters = Omit<z.output<typeof listEvaluationsQuery>, 'limit' | 'cursor'>

/** The evaluations of the organization, newest first. */
export async function listEvaluations(
  tx: TenantTx,
  actor: Actor,
  cursorKey: Uint8Array,
  query: z.output<typeof listEvaluationsQuery>,
): Promise<Page> {
  allow(actor, 'evaluation.read')
  const { limit, cursor, ...filters } = query
  if (filters.project !== undefined) await findProject(tx, filters.project)
  if (filters.batch !== undefined) await findBatch(tx, filters.batch)
  const scope: CursorScope = { key: cursorKey, list: 'evaluations', organizationId: tx.organizationId, filters: inOrder(filters) }
  const after = readCursor(scope, cursor)
  if (after !== null && !idPattern('evl').test(after)) throw refuse('invalid_cursor')
  const { rows } = await sql<EvaluationRow>`
    select ${shownColumns} from evaluations.evaluation e
     where e.organization_id = ${uuidOf(tx.organizationId)}::uuid ${conditions(filters)}
       ${after === null ? sql`` : sql`and e.id < ${uuidOf(after as `evl_${string}`)}::uuid`} -- the pattern was checked above
     order by e.id desc
     limit ${limit + 1}`.execute(tx)
  return pageOf(rows, limit, (last) => writeCursor(scope, idOf('evl', last.id)))
}

function conditions(filters: Filters): RawBuilder<unknown> {
  const wanted: RawBuilder<unknown>[] = []
  if (filters.project !== undefined) wanted.push(sql`e.project_id = ${uuidOf(filters.project)}::uuid`)
  if (filters.batch !== undefined) wanted.push(sql`e.batch_id = ${uuidOf(filters.batch)}::uuid`)
  if (filters.status !== undefined) wanted.push(sql`e.status in (${sql.join(filters.status)})`)
  if (filters.verdict !== undefined) wanted.push(sql`e.verdict in (${sql.join(filters.verdict)})`)
  if (filters.language !== undefined) wanted.push(sql`${filters.language}::text in (e.language, e.runtime)`)
  if (filters.createdAfter !== undefined) wanted.push(sql`e.created_at > ${filters.createdAfter}::timestamptz`)
  if (filters.createdBefore !== undefined) wanted.push(sql`e.created_at < ${filters.createdBefore}::timestamptz`)
  return sql`${sql.join(
    wanted.map((condition) => sql`and ${condition}`),
    sql` `,
  )}`
}

/** The evaluations of a batch, in the order sent. */
export async function listBatchItems(
  tx: TenantTx,
  actor: Actor,
  cursorKey: Uint8Array,
  id: BatchId,
  { limit, cursor }: z.output<typeof pageQuery>,
): Promise<Page> {
  allow(actor, 'evaluation.read')
  await findBatch(tx, id)
  const scope: CursorScope = { key: cursorKey, list: 'batch items', organizationId: tx.organizationId, filters: id }
  const after = Number(readCursor(scope, cursor) ?? -1)
  const { rows } = await sql<EvaluationRow>`
    select ${shownColumns} from evaluations.evaluation e
     where e.organization_id = ${uuidOf(tx.organizationId)}::uuid and e.batch_id = ${uuidOf(id)}::uuid and e.batch_ordinal > ${after}::int
     order by e.batch_ordinal
     limit ${limit + 1}`.execute(tx)
  return pageOf(rows, limit, (last) => writeCursor(scope, String(last.batch_ordinal)))
}

/** One row more than asked for was read: it says whether there is a next page, and is not shown. */
function pageOf(rows: EvaluationRow[], limit: number, cursorAfter: (last: EvaluationRow) => string): Page {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit
  return { data: shown.map(show), page: { hasMore, nextCursor: hasMore && last !== undefined ? cursorAfter(last) : null } }
}

const inOrder = (filters: Filters) => Object.entries(filters).sort(([a], [b]) => a.localeCompare(b))
