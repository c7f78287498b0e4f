/** Stores submissions: sources, rows, notes and first events, any number of them in one statement. */
import type { BatchId, EvaluationId, ProjectId, UserId } from '@crucible/contracts'
import { uuidOf } from '@crucible/contracts'
import { sql, type TenantTx } from '../../platform/db/index.ts'
import type { Plan } from './plan.ts'

export type NewEvaluation = { readonly id: EvaluationId; readonly ordinal: number | null; readonly plan: Plan }
export type NewEvaluations = {
  readonly projectId: ProjectId
  readonly batchId: BatchId | null
  readonly submittedBy: UserId
  readonly attemptsMax: number
  readonly items: readonly NewEvaluation[]
}

/**
 * `submitted` and `queued` are written as one insert, since nothing can happen between them; the events keep both.
 * Arrays and `unnest`: one plan and one round trip for 1 and for 500.
 */
export async function insertEvaluations(
  tx: TenantTx,
  { projectId, batchId, submittedBy, attemptsMax, items }: NewEvaluations,
): Promise<void> {
  const organization = uuidOf(tx.organizationId)
  const sources = new Map(items.map(({ plan }) => [plan.source.sha256.toString('hex'), plan.source]))
  const column = <T>(of: (item: NewEvaluation) => T) => items.map(of)
  await sql`
    with source as (
      insert into evaluations.source (organization_id, sha256, bundle)
      select ${organization}::uuid, s.sha256, s.bundle
        from unnest(${[...sources.values()].map((s) => s.sha256)}::bytea[], ${[...sources.values()].map((s) => s.bundle)}::bytea[]) as s (sha256, bundle)
       order by s.sha256 -- the same order for everybody: two batches with the same sources wait, but never for each other
      on conflict do nothing
    ), item as (
      select * from unnest(
        ${column((i) => uuidOf(i.id))}::uuid[], ${column((i) => i.ordinal)}::int[], ${column((i) => i.plan.language)}::text[],
        ${column((i) => i.plan.runtime)}::text[], ${column((i) => i.plan.priority)}::text[], ${column((i) => JSON.stringify(i.plan.limits))}::text[],
        ${column((i) => i.plan.source.sha256)}::bytea[], ${column((i) => i.plan.testsTotal)}::int[], ${column((i) => i.plan.metadata)}::text[],
        ${column((i) => i.plan.requirement.isolation)}::text[], ${column((i) => arrayText(i.plan.requirement.engines))}::text[]
      ) as i (id, ordinal, language, runtime, priority, limits, sha256, tests_total, metadata, isolation_least, engines)
    ), evaluation as (
      insert into evaluations.evaluation (organization_id, id, project_id, batch_id, batch_ordinal, submitted_by, status,
        language, runtime, priority, limits, source_sha256, tests_total, isolation_least, engines,
        attempts_max, event_seq)
      select ${organization}::uuid, i.id, ${uuidOf(projectId)}::uuid, ${batchId === null ? null : uuidOf(batchId)}::uuid, i.ordinal,
        ${uuidOf(submittedBy)}::uuid, 'queued', i.language, i.runtime, i.priority, i.limits::jsonb, i.sha256, i.tests_total,
        i.isolation_least, i.engines::text[], ${attemptsMax}::int, 2
        from item i
    ), note as (
      insert into evaluations.metadata (organization_id, evaluation_id, body)
      select ${organization}::uuid, i.id, i.metadata::json from item i where i.metadata is not null
    )
    insert into evaluations.event (organization_id, evaluation_id, seq, kind, attempt, status)
    select ${organization}::uuid, i.id, e.seq, 'status', 0, e.status
      from item i cross join (values (1, 'submitted'), (2, 'queued')) as e (seq, status)`.execute(tx)
}

/** An array within an array, which `unnest` would flatten, as PostgreSQL writes it; names of engines need no quotes. */
const arrayText = (names: readonly string[] | null) => (names === null ? null : `{${names.join(',')}}`)
