/** The wake-up that travels with every change of an evaluation: ids, sequence number and status, nothing else. */
import { isTerminal, type Status, statuses } from '@crucible/contracts'
import { type RawBuilder, sql } from 'kysely'

export const channel = 'crucible_evaluations'

/**
 * Tells the listeners of the evaluation, and at an end those of its batch. To be selected from the rows `moved` of an
 * update, so that it is sent at the commit of that update and only then.
 */
export const notify = (moved: RawBuilder<unknown>) => sql`
  pg_notify(${channel}, ${moved}.id || case
    when ${moved}.batch_id is not null and ${moved}.finished_at is not null then ',' || ${moved}.batch_id else '' end
    || ' ' || ${moved}.event_seq || ' ' || ${moved}.status)`

export type Note = { readonly seq: number; readonly status: Status }

export function parseNote(detail: string): Note | null {
  const [seq, status] = detail.split(' ')
  const known = statuses.find((other) => other === status)
  return known === undefined ? null : { seq: Number(seq), status: known }
}

/** Whether to look at the row again: it has ended, or something may have been missed. */
export const mayHaveEnded = (detail: string | null) => {
  const note = detail === null ? null : parseNote(detail)
  return note === null || isTerminal(note.status)
}
