import { CrucibleProblem, CrucibleUnexpectedReply, CrucibleUnreachable } from './errors.ts'

/** What time and chance are, so that a test can turn them. */
export type Timing = {
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly random: () => number // 0 ≤ n < 1
}

const firstDelayMs = 250
const delayMaxMs = 8_000
/** A server that asks for more patience than this is answered by giving up: the caller decides. */
export const retryAfterMaxMs = 60_000

/** Whether the same request, sent again, may well be answered. */
export function isTransient(error: unknown): boolean {
  if (error instanceof CrucibleUnreachable) return true
  if (error instanceof CrucibleProblem) return [429, 503].includes(error.status) || error.code === 'idempotency_in_flight'
  return error instanceof CrucibleUnexpectedReply && [429, 502, 503, 504].includes(error.status)
}

/**
 * Milliseconds before retry number `retry` (from 0), or null to give up. Full jitter keeps a thousand clients that
 * were refused together from coming back together; `Retry-After` is a floor, never shortened by it.
 */
export function delayBefore(retry: number, error: unknown, random: () => number): number | null {
  const jittered = random() * Math.min(delayMaxMs, firstDelayMs * 2 ** retry)
  const askedFor = error instanceof CrucibleProblem || error instanceof CrucibleUnexpectedReply ? error.retryAfter : undefined
  if (askedFor === undefined) return jittered
  return askedFor * 1000 > retryAfterMaxMs ? null : askedFor * 1000 + jittered
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal.addEventListener('abort', abort, { once: true })
  })
}
