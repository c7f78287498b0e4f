/**
 * Every move of an evaluation: one guarded update each, which also appends to the log, keeps the attempt's history and
 * sends the wake-up. No row back means that somebody else owns the evaluation by now: drop the work, do not retry.
 */
import {
  type Attempt,
  type AttemptId,
  type EvaluationId,
  type Isolation,
  levelsUpTo,
  liveStatuses,
  type OrganizationId,
  type Status,
  sources,
  uuidOf,
} from '@crucible/contracts'
import type { Environment, HostReading, Judgement } from '@crucible/sandbox/spec'
import type { RawBuilder } from 'kysely'
import { type SystemTx, sql, type TenantTx } from '../../platform/db/index.ts'
import type { WaitingRow } from './dispatch.ts'
import { appendEntries, type Entry } from './entry.ts'
import { notify } from './note.ts'
import { type EvaluationRow, shownColumns } from './row.ts'

export type Target = { readonly organizationId: OrganizationId; readonly id: EvaluationId }
/** The attempt is the fencing token: whoever holds an older one changes nothing. */
export type Held = Target & { readonly attempt: number }
/** And `seq` is how far its log has got: a write that is repeated, because its answer was lost, changes nothing either. */
export type HeldAt = Held & { readonly seq: number }
export type AttemptFault = Exclude<Attempt['end'], 'completed' | 'cancelled' | null>

type Tx = TenantTx | SystemTx

const moved = sql.ref('m')
const inStatus = (statuses: readonly Status[]) => sql`status in (${sql.join(statuses)})`
const isTarget = ({ organizationId, id }: Target) =>
  sql`organization_id = ${uuidOf(organizationId)}::uuid and id = ${uuidOf(id)}::uuid`
const isHeld = (held: Held) => sql`${isTarget(held)} and attempt = ${held.attempt}::int`

const isHeldAt = (held: HeldAt) => sql`${isHeld(held)} and event_seq = ${held.seq}::bigint`

export type Claimed = {
  attempt: number
  event_seq: number
  tests_total: number
  runtime: string
  limits: EvaluationRow['limits']
  bundle: Buffer
}
export type Claim = {
  readonly attemptId: AttemptId
  readonly executor: string
  readonly engine: string
  readonly isolation: Isolation
  readonly leaseMs: number
}

/**
 * queued → provisioning, with the next fencing token and a lease. Only for an executor that is enough for the row: what an
 * entry said of it may be old, and a weaker engine must not get it however the entry came to us.
 */
export async function claim(
  tx: TenantTx,
  target: Target,
  { attemptId, executor, engine, isolation, leaseMs }: Claim,
): Promise<Claimed | null> {
  const { rows } = await tx.last(sql<Claimed>`
    with m as (
      update evaluations.evaluation
         set status = 'provisioning', attempt = attempt + 1, lease_until = now() + make_interval(secs => ${leaseMs / 1000}::float8),
             event_seq = event_seq + 1, stdout_bytes = 0, stderr_bytes = 0
       where ${isTarget(target)} and ${inStatus(['queued'])} and isolation_least = any(${levelsUpTo(isolation)}::text[])
         and (engines is null or ${engine}::text = any(engines))
      returning *
    ), recorded as (${appendEntries([{ kind: 'status', status: 'provisioning' }])}), tried as (
      insert into evaluations.attempt (organization_id, evaluation_id, number, id, executor, engine)
      select m.organization_id, m.id, m.attempt, ${uuidOf(attemptId)}::uuid, ${executor}::text, ${engine}::text from m
    )
    select m.attempt, m.event_seq, m.tests_total, m.runtime, m.limits, s.bundle, ${notify(moved)}
      from m join evaluations.source s on s.organization_id = m.organization_id and s.sha256 = m.source_sha256`)
  return rows[0] ?? null
}

export type Start = { readonly environment: Environment; readonly agoMs: number }
export type Progress = { readonly entries: readonly Entry[]; readonly stdoutBytes: number; readonly stderrBytes: number }
/** What an attempt came to, and how busy its machine was then. */
export type Ending = { readonly judgement: Judgement; readonly hostAtEnd: HostReading | null }

/** provisioning → running, with what has happened since. */
export const start = (tx: TenantTx, held: HeldAt, begun: Start, progress: Progress): Promise<boolean> =>
  advance(
    tx,
    held,
    'provisioning',
    { ...progress, entries: [running(begun), ...progress.entries] },
    sql`, status = 'running', ${setStarted(begun)}`,
  )

const running = ({ agoMs }: Start): Entry => ({ kind: 'status', status: 'running', agoMs })
const setStarted = ({ environment, agoMs }: Start, hostAtEnd: HostReading | null = null) => sql`
    started_at = coalesce(started_at, now() - make_interval(secs => ${agoMs / 1000}::float8)),
    environment = ${JSON.stringify({ ...environment, hostAtEnd })}::jsonb, is_isolated = ${environment.isolation !== 'none'}::boolean`

/** Nothing more than the figures: the rest was written with the start. */
const setHostAtEnd = (reading: HostReading | null) =>
  reading === null ? sql`` : sql`, environment = jsonb_set(environment, '{hostAtEnd}', ${JSON.stringify(reading)}::jsonb)`

/** What a running attempt has done since the last time. */
export const progress = (tx: TenantTx, held: HeldAt, done: Progress): Promise<boolean> =>
  advance(tx, held, 'running', done, sql``)

async function advance(tx: TenantTx, held: HeldAt, from: Status, done: Progress, set: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await tx.last(sql`
    with m as (
      update evaluations.evaluation
         set event_seq = event_seq + ${done.entries.length}::int, stdout_bytes = ${done.stdoutBytes}::bigint,
             stderr_bytes = ${done.stderrBytes}::bigint ${set}
       where ${isHeldAt(held)} and ${inStatus([from])}
      returning *
    ), recorded as (${appendEntries(done.entries)})
    select ${notify(moved)} from m`)
  return rows.length > 0
}

/**
 * running → completed. Records a verdict once. A short program's start has not been written yet: then it is
 * provisioning → running → completed in this one update, and the log keeps both moves.
 */
export async function complete(
  tx: TenantTx,
  held: HeldAt,
  { judgement, hostAtEnd }: Ending,
  done: Progress,
  begun: Start | null = null,
): Promise<boolean> {
  const entries: Entry[] = [
    ...(begun === null ? [] : [running(begun)]),
    ...done.entries,
    { kind: 'status', status: 'completed' },
    { kind: 'finished' },
  ]
  const isTested = judgement.tests.length > 0
  const passed = judgement.tests.filter(({ verdict }) => verdict === 'accepted').length
  const decisive = judgement.run ?? judgement.compile
  const { rows } = await tx.last(sql`
    with m as (
      update evaluations.evaluation
         set status = 'completed', verdict = ${judgement.verdict}::text, score = ${judgement.score}::float8,
             tests_passed = ${isTested ? passed : null}::int, result = ${json(decisive)}::jsonb, compile = ${json(judgement.compile)}::jsonb,
             test_results = ${isTested ? json(judgement.tests) : null}::jsonb, finished_at = now(), lease_until = null,
             event_seq = event_seq + ${entries.length}::int, stdout_bytes = ${done.stdoutBytes}::bigint, stderr_bytes = ${done.stderrBytes}::bigint
             ${begun === null ? setHostAtEnd(hostAtEnd) : sql`, ${setStarted(begun, hostAtEnd)}`}
       where ${isHeldAt(held)} and ${inStatus(begun === null ? sources('completed') : sources('running'))}
      returning *
    ), recorded as (${appendEntries(entries)}), tried as (${endAttempt('completed', null)})
    select ${notify(moved)} from m`)
  return rows.length > 0
}

const json = (value: unknown) => (value === null ? null : JSON.stringify(value))

export type Loss = {
  readonly end: AttemptFault
  readonly detail: string
  readonly isCounted: boolean
  readonly isHopeless?: boolean
  readonly isOnlyIfLapsed?: boolean
}
export type AfterLoss = WaitingRow & { status: 'queued' | 'failed'; attempt: number }

/**
 * The platform lost the attempt: back to queued, or failed once the attempts are used up (or no other could do better).
 * An attempt that never had a chance, for want of capacity, is not counted.
 */
export async function lose(
  tx: Tx,
  held: Held,
  { end, detail, isCounted, isHopeless = false, isOnlyIfLapsed = false }: Loss,
): Promise<AfterLoss | null> {
  const counted = isCounted ? 1 : 0
  const isOver = sql`(${isHopeless}::boolean or (${isCounted}::boolean and faults + 1 >= attempts_max))`
  const { rows } = await sql<AfterLoss>`
    with m as (
      update evaluations.evaluation
         set status = case when ${isOver} then 'failed' else 'queued' end, faults = faults + ${counted}::int, lease_until = null, queued_at = now(),
             finished_at = case when ${isOver} then now() end,
             failure = case when ${isOver} then jsonb_build_object('code', ${end}::text, 'detail', ${storable(detail)}::text) end,
             event_seq = event_seq + 2
       where ${isHeld(held)} and ${inStatus(['provisioning', 'running'])} and (not ${isOnlyIfLapsed}::boolean or lease_until < now())
      returning *
    ), recorded as (
      insert into evaluations.event (organization_id, evaluation_id, seq, kind, attempt, status)
      select m.organization_id, m.id, m.event_seq - 2 + x.place, x.kind, m.attempt, x.status
        from m cross join (values ('queued', 1, 'reset', null), ('queued', 2, 'status', 'queued'), ('failed', 1, 'status', 'failed'), ('failed', 2, 'finished', null))
          as x (led_to, place, kind, status)
       where x.led_to = m.status
    ), tried as (${endAttempt(end, storable(detail))})
    select m.status, m.attempt, m.priority, m.runtime, m.isolation_least, m.engines, ${notify(moved)} from m`.execute(tx)
  return rows[0] ?? null
}

/** Any live status → cancelled. */
export async function cancelRow(tx: TenantTx, target: Target): Promise<EvaluationRow | null> {
  const { rows } = await sql<EvaluationRow>`
    with m as (
      update evaluations.evaluation
         set status = 'cancelled', lease_until = null, finished_at = now(), event_seq = event_seq + 2
       where ${isTarget(target)} and ${inStatus(liveStatuses)}
      returning *
    ), recorded as (${appendEntries([{ kind: 'status', status: 'cancelled' }, { kind: 'finished' }])}),
    tried as (${endAttempt('cancelled', null)})
    select ${shownColumns}, ${notify(sql.ref('e'))} from m e`.execute(tx)
  return rows[0] ?? null
}

/** Whether a write of this attempt that should have brought the log to `seq` has done so. */
export async function hasReached(tx: TenantTx, held: Held, seq: number): Promise<boolean> {
  const { rows } = await sql`select from evaluations.evaluation where ${isHeld(held)} and event_seq = ${seq}::bigint`.execute(tx)
  return rows.length > 0
}

const endAttempt = (end: NonNullable<Attempt['end']>, detail: string | null) => sql`
  update evaluations.attempt a set ended_at = now(), "end" = ${end}::text, detail = ${detail}::text
    from m
   where a.organization_id = m.organization_id and a.evaluation_id = m.id and a.number = m.attempt and a.ended_at is null`

const detailCharactersMax = 2_000
/** Text of an executor or an exception, which may hold what PostgreSQL cannot store. */
const storable = (text: string) => text.slice(0, detailCharactersMax).replaceAll('\0', '�').toWellFormed()
