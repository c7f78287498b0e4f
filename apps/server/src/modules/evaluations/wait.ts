/** Waiting for the end of an evaluation: woken by its notification, with a bounded second look should that be lost. */
import { idOf, isTerminal, type OrganizationId } from '@crucible/contracts'
import type { Db } from '../../platform/db/index.ts'
import { type Bell, type Hub, openBell } from '../../platform/events/index.ts'
import { mayHaveEnded } from './note.ts'
import { readRow } from './read.ts'
import type { EvaluationRow } from './row.ts'

const lookAgainMs = 5_000

export type Waiting = { readonly waitMs: number /** Ends the waiting, never the evaluation. */; readonly signal: AbortSignal }

export const openEndBell = (wakeups: Hub, evaluationUuid: string): Bell => openBell(wakeups, evaluationUuid, mayHaveEnded)

/** The row once it has ended, or as it is when time is up. The bell must have been open before `row` was read. */
export async function waitForEnd(
  db: Pick<Db, 'tenant'>,
  organizationId: OrganizationId,
  row: EvaluationRow,
  bell: Bell,
  { waitMs, signal }: Waiting,
): Promise<EvaluationRow> {
  const endsAtMs = performance.now() + waitMs
  let latest = row
  for (let leftMs = waitMs; leftMs > 0 && !isTerminal(latest.status) && !signal.aborted; leftMs = endsAtMs - performance.now()) {
    await bell.rang(Math.min(leftMs, lookAgainMs), signal)
    latest = await readRow(db, organizationId, idOf('evl', row.id))
  }
  return latest
}
