/** What the program wrote, as bytes by offset. It outlives the sandbox and can be read while it grows. */
import { type EvaluationId, isTerminal, type outputQuery, type Status, uuidOf } from '@crucible/contracts'
import type { z } from 'zod'
import { sql, type TenantTx } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { type Actor, allow } from '../identity/index.ts'

export type Output = {
  readonly bytes: Buffer
  /** Stored so far, of the attempt that counts. */
  readonly totalBytes: number
  readonly mayGrow: boolean
  readonly attempt: number
}

type ChunkRow = { status: Status; attempt: number; total: number; at: number | null; data: Buffer | null }

const chunksMax = 4_000 // a reply may be shorter than asked for; the next offset is simply where it ended

export async function readOutput(
  tx: TenantTx,
  actor: Actor,
  id: EvaluationId,
  { stream, offset, limit }: z.output<typeof outputQuery>,
): Promise<Output> {
  allow(actor, 'evaluation.read')
  const at = sql.ref(stream === 'both' ? 'v.both_offset' : 'v.stream_offset')
  const total = { both: sql`e.stdout_bytes + e.stderr_bytes`, stdout: sql`e.stdout_bytes`, stderr: sql`e.stderr_bytes` }[stream]
  const { rows } = await sql<ChunkRow>`
    select e.status, e.attempt, ${total} as total, ${at} as at, v.data
      from evaluations.evaluation e
      left join evaluations.event v
        on v.organization_id = e.organization_id and v.evaluation_id = e.id and v.kind = 'output' and v.attempt = e.attempt
       and (${stream}::text = 'both' or v.stream = ${stream}::text)
       and ${at} < ${offset + limit}::bigint and ${at} + octet_length(v.data) > ${offset}::bigint
     where e.organization_id = ${uuidOf(tx.organizationId)}::uuid and e.id = ${uuidOf(id)}::uuid
     order by v.seq
     limit ${chunksMax}`.execute(tx)
  const [first] = rows
  if (first === undefined) throw refuse('evaluation_not_found')
  if (offset > first.total) throw refuse('range_not_satisfiable', { detail: `There are ${first.total} bytes.` })
  const chunks = rows.flatMap(({ at, data }) =>
    at === null || data === null ? [] : [data.subarray(Math.max(0, offset - at), Math.max(0, offset + limit - at))],
  )
  return { bytes: Buffer.concat(chunks), totalBytes: first.total, mayGrow: !isTerminal(first.status), attempt: first.attempt }
}
