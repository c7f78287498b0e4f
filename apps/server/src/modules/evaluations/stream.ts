/** Following one evaluation: what has happened since the last seen number, then what happens, up to its end. */
import {
  type EvaluationEvent,
  type EvaluationId,
  isTerminal,
  type OrganizationId,
  type RunResult,
  type Status,
  uuidOf,
} from '@crucible/contracts'
import { type Db, sql, type TenantTx } from '../../platform/db/index.ts'
import { type Hub, openBell } from '../../platform/events/index.ts'
import { findRow } from './read.ts'
import { type EvaluationRow, show } from './row.ts'

export type StreamedEvent = { readonly seq: number; readonly event: EvaluationEvent }

const lookAgainMs = 10_000 // should a wake-up be lost
const eventsAtOnceMax = 64 // of at most 32 KiB each: what one reader holds in memory

/**
 * The events after `afterSeq` without gap or repetition, however many times the reader comes back. Ends after
 * `finished`, or when the signal aborts. Each look is a transaction of the reader's own organization.
 */
export async function* followEvaluation(
  { db, wakeups }: { db: Pick<Db, 'tenant'>; wakeups: Hub },
  organizationId: OrganizationId,
  id: EvaluationId,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent> {
  const bell = openBell(wakeups, uuidOf(id))
  try {
    for (let seen = afterSeq; !signal.aborted; ) {
      const { row, events } = await db.tenant(organizationId, async (tx) => {
        const events = await eventsAfter(tx, id, seen)
        return { events, row: await findRow(tx, id) } // after the events: when it has ended, `finished` may still be ahead
      })
      for (const event of events) {
        yield { seq: event.seq, event: showEvent(event, row) }
        seen = event.seq
        if (event.kind === 'finished') return
      }
      if (events.length === eventsAtOnceMax) continue
      if (isTerminal(row.status) && seen >= row.event_seq) return
      if (events.length === 0 || seen >= row.event_seq) await bell.rang(lookAgainMs, signal)
    }
  } finally {
    bell.close()
  }
}

type EventRow = { seq: number; attempt: number; at: Date } & (
  | { kind: 'status'; status: Status }
  | { kind: 'run_started'; run: string }
  | { kind: 'run_finished'; run: string; body: RunResult }
  | { kind: 'output'; run: string; stream: 'stdout' | 'stderr'; data: Buffer }
  | { kind: 'reset' }
  | { kind: 'finished' }
)

async function eventsAfter(tx: TenantTx, id: EvaluationId, seen: number): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    select seq, attempt, at, kind, status, run, stream, data, body
      from evaluations.event
     where organization_id = ${uuidOf(tx.organizationId)}::uuid and evaluation_id = ${uuidOf(id)}::uuid and seq > ${seen}::bigint
     order by seq
     limit ${eventsAtOnceMax}`.execute(tx)
  return rows
}

function showEvent(event: EventRow, row: EvaluationRow): EvaluationEvent {
  switch (event.kind) {
    case 'status':
      return { type: 'status', status: event.status, attempt: event.attempt, at: event.at.toISOString() }
    case 'run_started':
      return { type: 'run_started', run: event.run }
    case 'output':
      return { type: 'output', run: event.run, stream: event.stream, base64: event.data.toString('base64') }
    case 'run_finished':
      return { type: 'run_finished', run: event.run, result: event.body }
    case 'reset':
      return { type: 'reset', attempt: event.attempt }
    case 'finished':
      return { type: 'finished', evaluation: show(row) }
    default:
      return event satisfies never
  }
}
