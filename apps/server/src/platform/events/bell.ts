import type { Hub } from './hub.ts'

/**
 * Remembers that it rang, so that a wake-up between reading the database and waiting is not lost.
 * `rang` resolves when it has rung, when the time is up, or when the signal aborts: in each case look again.
 */
export type Bell = {
  rang(timeoutMs: number, signal?: AbortSignal): Promise<void>
  close(): void
}

export function openBell(hub: Hub, topic: string, isFor: (detail: string | null) => boolean = () => true): Bell {
  let hasRung = false
  let wake = () => {}
  const stop = hub.subscribe(topic, (detail) => {
    if (!isFor(detail)) return
    hasRung = true
    wake()
  })
  return {
    async rang(timeoutMs, signal) {
      if (!hasRung && signal?.aborted !== true) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const stopWaiting = () => resolve()
        const timer = setTimeout(stopWaiting, timeoutMs)
        signal?.addEventListener('abort', stopWaiting, { once: true })
        wake = stopWaiting
        await promise
        clearTimeout(timer)
        signal?.removeEventListener('abort', stopWaiting)
        wake = () => {}
      }
      hasRung = false
    },
    close: stop,
  }
}
