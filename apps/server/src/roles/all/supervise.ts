import { setTimeout as delay } from 'node:timers/promises'

/** Something with a life of its own: a process, mostly. */
export type Running = {
  /** Settles when it is gone, and says how. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}
export type Kept = {
  /** Rejects when the first start fails: what never ran is not tried again. */
  readonly started: Promise<void>
  /** Settles, with a sentence, when it has ended too often to go on. */
  readonly givenUp: Promise<string>
  /** Ends it for good. */
  stop(): Promise<void>
}
export type Restarts = { readonly max: number; readonly withinMs: number; readonly firstDelayMs: number }

const restarts: Restarts = { max: 5, withinMs: 60_000, firstDelayMs: 100 }

/**
 * Keeps it running: whatever ends without having been asked to is started again, after 100 ms, then 200, 400, …, and
 * given up when it has ended a sixth time within a minute.
 */
export function keep(
  name: string,
  start: (stopping: AbortSignal) => Promise<Running>,
  onEnd: (sentence: string) => void,
  bound = restarts,
): Kept {
  const stopping = new AbortController()
  let running: Running | null = null
  let giveUp: (sentence: string) => void = () => {}
  const givenUp = new Promise<string>((resolve) => {
    giveUp = resolve
  })

  const launch = async () => {
    running = await start(stopping.signal)
    if (stopping.signal.aborted) await running.stop()
    return running
  }
  const watch = async (first: Running) => {
    const endsMs: number[] = []
    for (let current = first; ; ) {
      const how = await current.ended
      if (stopping.signal.aborted) return
      const nowMs = performance.now()
      endsMs.push(nowMs)
      const recent = endsMs.filter((atMs) => nowMs - atMs < bound.withinMs).length
      if (recent > bound.max) return giveUp(`${name} ended ${recent} times within ${bound.withinMs / 1_000} s, last by ${how}`)
      onEnd(`${name} ended by ${how}; it is started again`)
      await delay(bound.firstDelayMs * 2 ** (recent - 1), undefined, { signal: stopping.signal })
      current = await launch()
    }
  }

  const launched = launch()
  const watched = launched.then(watch).catch((error: unknown) => {
    if (!stopping.signal.aborted)
      giveUp(`${name} could not be started again: ${error instanceof Error ? error.message : String(error)}`)
  })
  const started = launched.then(() => {})
  started.catch(() => {}) // told to whoever awaits it, now or later
  return {
    started,
    givenUp,
    async stop() {
      stopping.abort()
      await launched.catch(() => {}) // whoever awaited `started` has heard it
      await running?.stop()
      await watched
    },
  }
}

/** Waits until it is ready. When it ends before that, or is asked to stop, it is stopped and the start has failed. */
export async function untilReady(
  name: string,
  running: Running,
  isReady: Promise<void>,
  stopping: AbortSignal,
): Promise<Running> {
  const stopped = new Promise<string>((resolve) =>
    stopping.addEventListener('abort', () => resolve('a request to stop'), { once: true }),
  )
  const how = await Promise.race([isReady.then(() => null), running.ended, stopped]).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  )
  if (how === null) return running
  await running.stop()
  throw new Error(`${name} did not start (${how}); what it wrote above says why.`)
}
