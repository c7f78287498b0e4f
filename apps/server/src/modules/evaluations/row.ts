/** The row of an evaluation as the database gives it, and as it is shown. */
import {
  type Evaluation,
  type Isolation,
  idOf,
  type Limits,
  type Priority,
  type RunResult,
  type Status,
  type Verdict,
} from '@crucible/contracts'
import { sql } from '../../platform/db/index.ts'

export type EvaluationRow = {
  id: string
  project_id: string
  batch_id: string | null
  batch_ordinal: number | null
  status: Status
  verdict: Verdict | null
  score: number | null
  language: string
  runtime: string
  priority: Priority
  limits: Limits
  isolation_least: Isolation
  engines: string[] | null
  tests_total: number
  tests_passed: number | null
  is_isolated: boolean | null
  attempt: number
  event_seq: number
  stdout_bytes: number
  stderr_bytes: number
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  result: RunResult | null
  failure: Evaluation['failure']
}

/** The columns of an `EvaluationRow` of the table or alias `e`. */
export const shownColumns = sql.raw(
  [
    ...[
      'id',
      'project_id',
      'batch_id',
      'batch_ordinal',
      'status',
      'verdict',
      'score',
      'language',
      'runtime',
      'priority',
      'limits',
      'isolation_least',
      'engines',
    ],
    ...['tests_total', 'tests_passed', 'is_isolated', 'attempt', 'event_seq', 'stdout_bytes', 'stderr_bytes'],
    ...['created_at', 'started_at', 'finished_at', 'result', 'failure'],
  ]
    .map((column) => `e.${column}`)
    .join(', '),
)

export const show = (row: EvaluationRow): Evaluation => ({
  id: idOf('evl', row.id),
  project: idOf('prj', row.project_id),
  batch: row.batch_id === null ? null : idOf('btc', row.batch_id),
  status: row.status,
  verdict: row.verdict,
  score: row.score,
  language: row.language,
  runtime: row.runtime,
  priority: row.priority,
  limits: row.limits,
  requires: { isolation: row.isolation_least, engines: row.engines },
  tests: { total: row.tests_total, passed: row.tests_passed },
  isIsolated: row.is_isolated,
  attempts: row.attempt,
  createdAt: row.created_at.toISOString(),
  startedAt: row.started_at?.toISOString() ?? null,
  finishedAt: row.finished_at?.toISOString() ?? null,
  result: row.result,
  failure: row.failure,
})
