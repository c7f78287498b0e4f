/** What an attempt adds to the log of its evaluation, in the order in which it happened. */
import type { RunResult, Status } from '@crucible/contracts'
import { type RawBuilder, sql } from 'kysely'

export type Entry = { readonly agoMs?: number } & (
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'finished' }
  | { readonly kind: 'run_started'; readonly run: string }
  | { readonly kind: 'run_finished'; readonly run: string; readonly result: RunResult }
  | {
      readonly kind: 'output'
      readonly run: string
      readonly stream: 'stdout' | 'stderr'
      readonly data: Uint8Array
      readonly streamOffset: number // stored bytes of this stream before it, from the start of the attempt
      readonly bothOffset: number
    }
)

/**
 * Appends to the log of the row that the update `m` gave back, which has already counted them in `event_seq`: the
 * lock of that row makes the numbers gapless, and no row means that nothing is written.
 */
export const appendEntries = (entries: readonly Entry[]): RawBuilder<unknown> => {
  const column = <T>(of: (entry: Entry) => T) => entries.map(of)
  return sql`
    insert into evaluations.event (organization_id, evaluation_id, seq, kind, attempt, at, status, run, stream, data, stream_offset, both_offset, body)
    select m.organization_id, m.id, m.event_seq - ${entries.length}::int + x.place, x.kind, m.attempt,
           now() - make_interval(secs => x.ago_ms / 1000.0), x.status, x.run, x.stream, x.data, x.stream_offset, x.both_offset, x.body::jsonb
      from m cross join unnest(
        ${column((e) => e.kind)}::text[], ${column((e) => Math.max(0, e.agoMs ?? 0))}::float8[], ${column((e) => ('status' in e ? e.status : null))}::text[],
        ${column((e) => ('run' in e ? e.run : null))}::text[], ${column((e) => ('stream' in e ? e.stream : null))}::text[],
        ${column((e) => ('data' in e ? buffer(e.data) : null))}::bytea[], ${column((e) => ('data' in e ? e.streamOffset : null))}::bigint[],
        ${column((e) => ('data' in e ? e.bothOffset : null))}::bigint[], ${column((e) => ('result' in e ? JSON.stringify(e.result) : null))}::text[]
      ) with ordinality as x (kind, ago_ms, status, run, stream, data, stream_offset, both_offset, body, place)`
}

/** The driver writes Buffers as bytea and other arrays of bytes as text. */
const buffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
