import type { Clock } from '../../../apps/server/src/platform/clock/index.ts'

export type TurnableClock = Clock & {
  /** Moves time on. */
  turn(ms: number): void
}

/** Starts at the real time, so that it agrees with what the database calls now, and then stands until it is turned. */
export function turnableClock(start = new Date()): TurnableClock {
  let nowMs = start.getTime()
  return {
    now: () => new Date(nowMs),
    turn: (ms) => {
      nowMs += ms
    },
  }
}
