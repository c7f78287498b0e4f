import { sql, type TenantTx } from '../../platform/db/index.ts'
import type { AuditClass } from './record.ts'

export type ChainState = {
  readonly isIntact: boolean
  readonly rows: number /** The first row that does not fit. */
  readonly brokenAt: number | null
}

/** Recomputes a chain from its first row: an edited, inserted or missing row breaks it from there on. */
export async function verify(tx: TenantTx, chain: AuditClass): Promise<ChainState> {
  const { rows } = await sql<{ rows: number; broken_at: number | null }>`
    with linked as (
      select seq, hash, prev_hash, row_number() over (order by seq) as expected_seq,
             lag(hash, 1, decode(repeat('00', 32), 'hex')) over (order by seq) as expected_prev,
             audit.link(prev_hash, seq, id, occurred_at, body) as expected_hash
        from audit.event where class = ${chain}
    )
    select (select h.seq from audit.head h where h.class = ${chain}) as rows,
           coalesce(
             min(seq) filter (where hash <> expected_hash or prev_hash <> expected_prev or seq <> expected_seq),
             -- Rows cut off at the end leave a whole chain that is shorter than its head says.
             (select h.seq from audit.head h where h.class = ${chain} and h.hash is distinct from (select l.hash from linked l order by l.seq desc limit 1))
           ) as broken_at
      from linked`.execute(tx)
  const [row] = rows
  return { isIntact: row?.broken_at == null, rows: row?.rows ?? 0, brokenAt: row?.broken_at ?? null }
}
