/** Following a batch: its counts as they change, at most four times a second, up to its end. */

import { setTimeout as delay } from 'node:timers/promises'
import { type Batch, type BatchEvent, type BatchId, type OrganizationId, uuidOf } from '@crucible/contracts'
import type { Db } from '../../platform/db/index.ts'
import { type Hub, openBell } from '../../platform/events/index.ts'
import { readBatch } from './batch-read.ts'

const betweenMs = 250
const lookAgainMs = 5_000 // also shows moves between live statuses, which ring no bell

export type BatchCounts = (organizationId: OrganizationId, id: BatchId) => Promise<Batch>

/**
 * One count for all who follow the same batch at the same time. Who asks while one is being made gets the one after it:
 * the change that woke them may be younger than the count under way.
 */
export function createBatchCounts(db: Pick<Db, 'tenant'>): BatchCounts {
  const counting = new Map<string, { current: Promise<Batch>; next: Promise<Batch> | null }>()
  const begin = (key: string, organizationId: OrganizationId, id: BatchId): Promise<Batch> => {
    const current = db.tenant(organizationId, (tx) => readBatch(tx, id))
    const entry = { current, next: null as Promise<Batch> | null }
    counting.set(key, entry)
    const forget = () => {
      if (entry.next === null && counting.get(key) === entry) counting.delete(key)
    }
    current.then(forget, forget)
    return current
  }
  return (organizationId, id) => {
    const key = `${organizationId} ${id}` // never across tenants
    const known = counting.get(key)
    if (known === undefined) return begin(key, organizationId, id)
    const again = () => begin(key, organizationId, id)
    known.next ??= known.current.then(again, again)
    return known.next
  }
}

export async function* followBatch(
  deps: { readonly counts: BatchCounts; readonly wakeups: Hub },
  organizationId: OrganizationId,
  id: BatchId,
  signal: AbortSignal,
): AsyncGenerator<BatchEvent> {
  const bell = openBell(deps.wakeups, uuidOf(id))
  try {
    for (let shown = ''; !signal.aborted; ) {
      const batch = await deps.counts(organizationId, id)
      if (batch.finishedAt !== null) return yield { type: 'finished', batch }
      const counts = JSON.stringify(batch)
      if (counts !== shown) yield { type: 'progress', batch }
      shown = counts
      await delay(betweenMs, undefined, { signal }).catch(() => {}) // the loop looks at the signal
      await bell.rang(lookAgainMs, signal)
    }
  } finally {
    bell.close()
  }
}
