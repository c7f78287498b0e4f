/** Reading one evaluation. */
import {
  type Attempt,
  type EvaluationDetail,
  type EvaluationId,
  idOf,
  type OrganizationId,
  type RunResult,
  uuidOf,
} from '@crucible/contracts'
import { type Environment, job, type TestResult } from '@crucible/sandbox/spec'
import { type Db, sql, type TenantTx } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { type Actor, allow } from '../identity/index.ts'
import { type EvaluationRow, show, shownColumns } from './row.ts'

const isOne = (tx: TenantTx, id: EvaluationId) =>
  sql`e.organization_id = ${uuidOf(tx.organizationId)}::uuid and e.id = ${uuidOf(id)}::uuid`

const rowOf = (tx: TenantTx, id: EvaluationId) =>
  sql<EvaluationRow>`select ${shownColumns} from evaluations.evaluation e where ${isOne(tx, id)}`

/** The row, or `evaluation_not_found`: unknown and another organization's look alike. */
export const findRow = async (tx: TenantTx, id: EvaluationId): Promise<EvaluationRow> => only(await rowOf(tx, id).execute(tx))

/** The same in a transaction of its own. */
export const readRow = (db: Pick<Db, 'tenant'>, organizationId: OrganizationId, id: EvaluationId): Promise<EvaluationRow> =>
  db.tenant(organizationId, (tx) => tx.last(rowOf(tx, id))).then(only)

function only({ rows: [row] }: { readonly rows: readonly EvaluationRow[] }): EvaluationRow {
  if (row === undefined) throw refuse('evaluation_not_found')
  return row
}

type DetailRow = EvaluationRow & {
  compile: RunResult | null
  test_results: TestResult[] | null
  environment: Environment | null
  bundle: Buffer
  metadata: Record<string, unknown> | null
}
type AttemptRow = {
  id: string
  number: number
  executor: string | null
  engine: string | null
  started_at: Date
  ended_at: Date | null
  end: Attempt['end']
  detail: string | null
}

const bundleShape = job.pick({
  files: true,
  entry: true,
  args: true,
  env: true,
  stdin: true,
  tests: true,
  stopAtFirstFailure: true,
})
const attemptsShownMax = 100

/** One evaluation with its source, its tests and the history of its attempts. */
export async function readDetail(tx: TenantTx, actor: Actor, id: EvaluationId): Promise<EvaluationDetail> {
  allow(actor, 'evaluation.read')
  const [
    {
      rows: [row],
    },
    { rows: attempts },
  ] = await Promise.all([
    sql<DetailRow>`
      select ${shownColumns}, e.compile, e.test_results, e.environment, s.bundle, m.body as metadata
        from evaluations.evaluation e
        join evaluations.source s on s.organization_id = e.organization_id and s.sha256 = e.source_sha256
        left join evaluations.metadata m on m.organization_id = e.organization_id and m.evaluation_id = e.id
       where ${isOne(tx, id)}`.execute(tx),
    sql<AttemptRow>`
      select a.id, a.number, a.executor, a.engine, a.started_at, a.ended_at, a."end", a.detail
        from evaluations.attempt a
       where a.organization_id = ${uuidOf(tx.organizationId)}::uuid and a.evaluation_id = ${uuidOf(id)}::uuid
       order by a.number desc limit ${attemptsShownMax}`.execute(tx),
  ])
  if (row === undefined) throw refuse('evaluation_not_found')
  const { tests, stopAtFirstFailure: _, ...source } = bundleShape.parse(JSON.parse(row.bundle.toString()))
  return {
    ...show(row),
    ...source,
    testCases: tests,
    compile: row.compile,
    testResults: row.test_results ?? [],
    environment: row.environment,
    attemptHistory: attempts.reverse().map(showAttempt),
    metadata: row.metadata ?? {},
  }
}

const showAttempt = (row: AttemptRow): Attempt => ({
  id: idOf('att', row.id),
  number: row.number,
  executor: row.executor,
  engine: row.engine,
  startedAt: row.started_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  end: row.end,
  detail: row.detail,
})
