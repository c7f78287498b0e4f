/** The attempts that this worker has in hand, and how each is told to stop. */
import { type EvaluationId, type OrganizationId, uuidOf } from '@crucible/contracts'
import type { Hub } from '../../platform/events/index.ts'
import type { Target } from './moves.ts'
import { parseNote } from './note.ts'

/**
 * `cancelled`: the row has ended. `fenced`: the lease went to somebody else. In both the row is no longer ours to write.
 * `handed_back`: this worker is stopping. `overdue`: the executor kept silent longer than the job can take.
 * `unrecorded`: what it did could not be written down.
 */
export type StopReason = 'cancelled' | 'fenced' | 'handed_back' | 'overdue' | 'unrecorded'

export class Stopped extends Error {
  override name = 'Stopped'
  readonly why: StopReason
  constructor(why: StopReason) {
    super(`stopped: ${why}`)
    this.why = why
  }
}

export type InHand = Target & {
  attempt: number | null // null until it is claimed
  leasedUntilMs: number // by our own clock, from the moment before the lease was asked for
  readonly signal: AbortSignal
  stop(why: StopReason): void
}

export type InFlight = {
  /** Open before the claim: a cancel between the claim and this would go unheard. */
  open(organizationId: OrganizationId, id: EvaluationId): InHand
  close(attempt: InHand): void
  all(): InHand[]
  /** Resolves when nothing is in hand. */
  idle(): Promise<void>
}

export function createInFlight(wakeups: Hub, onGap: () => void): InFlight {
  const open = new Map<InHand, () => void>()
  let idlers: (() => void)[] = []
  return {
    open(organizationId, id) {
      const controller = new AbortController()
      const attempt: InHand = {
        organizationId,
        id,
        attempt: null,
        leasedUntilMs: Number.POSITIVE_INFINITY,
        signal: controller.signal,
        stop: (why) => controller.abort(new Stopped(why)),
      }
      const unsubscribe = wakeups.subscribe(uuidOf(id), (detail) => {
        if (detail === null) onGap()
        else if (parseNote(detail)?.status === 'cancelled') attempt.stop('cancelled')
      })
      open.set(attempt, unsubscribe)
      return attempt
    },
    close(attempt) {
      open.get(attempt)?.()
      open.delete(attempt)
      if (open.size > 0) return
      for (const resolve of idlers) resolve()
      idlers = []
    },
    all: () => [...open.keys()],
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
  }
}
