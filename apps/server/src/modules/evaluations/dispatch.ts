/** Puts evaluations into the queue. The row is the truth: whatever is lost here, `reconcile` adds again. */
import { type EvaluationId, idSchema, isolations, type OrganizationId, type Priority, uuidOf } from '@crucible/contracts'
import { z } from 'zod'
import type { Queue } from '../../platform/queue/index.ts'
import type { Log } from '../../platform/telemetry/index.ts'
import { type Outstanding, rank } from './rank.ts'
import type { Requirement } from './requirement.ts'

/**
 * Which row to look at, and for which executors that is of any use: so that a slot can be had without a look at the row.
 * The claim compares again, and the row decides. An entry of an older version says nothing of it.
 */
export const entryBody = z.strictObject({
  organizationId: idSchema('org'),
  evaluationId: idSchema('evl'),
  runtime: z.string().nullable().default(null),
  isolation: z.enum(isolations).default('none'),
  engines: z.array(z.string()).readonly().nullable().default(null),
})
export type EntryBody = z.infer<typeof entryBody>

export type Dispatchable = {
  readonly organizationId: OrganizationId
  readonly id: EvaluationId
  /** The attempt that it would become: one entry for each, so that adding twice is adding once. */
  readonly attempt: number
  readonly priority: Priority
  readonly runtime: string
  readonly requirement: Requirement
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
        evaluations.map(({ organizationId, id, attempt, priority, runtime, requirement, before, delayMs }) => ({
          id: `${uuidOf(id)}-${attempt}`,
          body: { organizationId, evaluationId: id, runtime, ...requirement },
          rank: rank(priority, before),
          ...(delayMs === undefined ? {} : { delayMs }),
        })),
      )
    } catch (error) {
      log.warn({ error, evaluations: evaluations.length }, 'the queue took no entry; the reconciler will add it')
    }
  }

/** What an entry needs to know of a plan, or of a row. */
export const wakeOf = ({ priority, runtime, requirement }: Pick<Dispatchable, 'priority' | 'runtime' | 'requirement'>) => ({
  priority,
  runtime,
  requirement,
})
export type WaitingRow = {
  priority: Priority
  runtime: string
  isolation_least: Requirement['isolation']
  engines: string[] | null
}
export const wakeOfRow = ({ priority, runtime, isolation_least, engines }: WaitingRow) =>
  wakeOf({ priority, runtime, requirement: { isolation: isolation_least, engines } })

export const nothingBefore: Outstanding = { low: 0, normal: 0, high: 0 }
