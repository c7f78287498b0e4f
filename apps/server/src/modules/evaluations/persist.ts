import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '../../platform/refusal/index.ts'

const firstPauseMs = 50
const pauseMaxMs = 2_000

/**
 * Repeats a write while the database is away, until the signal aborts. To be used only for guarded writes: one whose
 * commit got lost on the way back finds its guard used up, and changes nothing the second time.
 */
export async function persist<T>(write: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, pauseMaxMs)) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'unavailable') || signal.aborted) throw error
      await delay(pauseMs, undefined, { signal }).catch(() => {
        throw error
      })
    }
  }
}
