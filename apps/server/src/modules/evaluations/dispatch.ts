/** Puts evaluations into the queue. The row is the truth: whatever is lost here, `reconcile` adds again. */
import { type EvaluationId, idSchema, type OrganizationId, type Priority, uuidOf } from '@crucible/contracts'
import { z } from 'zod'
import type { Queue } from '../../platform/queue/index.ts'
import type { Log } from '../../platform/telemetry/index.ts'
import { type Outstanding, rank } from './rank.ts'

/** All that an entry says: which row to look at. */
export const entryBody = z.strictObject({ organizationId: idSchema('org'), evaluationId: idSchema('evl') })
export type EntryBody = z.infer<typeof entryBody>

export type Dispatchable = {
  readonly organizationId: OrganizationId
  readonly id: EvaluationId
  /** The attempt that it would become: one entry for each, so that adding twice is adding once. */
  readonly attempt: number
  readonly priority: Priority
  readonly before: Outstanding
  readonly delayMs?: number
}

export type Dispatch = (evaluations: readonly Dispatchable[]) => Promise<void>

/** Never throws: the caller has committed, and the queue's absence must not look like a failed submission. */
export const createDispatch =
  (queue: Queue<EntryBody>, log: Log): Dispatch =>
  async (evaluations) => {
    try {
      await queue.add(
        evaluations.map(({ organizationId, id, attempt, priority, before, delayMs }) => ({
          id: `${uuidOf(id)}-${attempt}`,
          body: { organizationId, evaluationId: id },
          rank: rank(priority, before),
          ...(delayMs === undefined ? {} : { delayMs }),
        })),
      )
    } catch (error) {
      log.warn({ error, evaluations: evaluations.length }, 'the queue took no entry; the reconciler will add it')
    }
  }

export const nothingBefore: Outstanding = { low: 0, normal: 0, high: 0 }
