import { type Handled, laterMs, type Queue, type QueueEntry, type QueueWorker } from './port.ts'

/**
 * While nothing waits in the queue, an entry that is added one at a time goes straight to this process's own worker,
 * if it has one: storing, claiming and removing it costs more than the rest of its journey through the platform. As
 * soon as something waits, everything waits in its turn. At most `laneMax` entries can overtake one that another
 * process has stored meanwhile. An entry in the lane that dies with the process is added again from its row.
 */
export function expressQueue<T extends object>(stored: Queue<T>, laneMax: number): Queue<T> {
  let lane: Lane<T> | null = null
  return {
    ...stored,
    async add(entries) {
      const [only, ...more] = entries
      if (only !== undefined && more.length === 0 && lane?.take(only)) return
      lane?.expectStored()
      await stored.add(entries)
    },
    async work(options) {
      const own = openLane<T>(options.handle, laneMax, (entry) => stored.add([entry]))
      const worker = await stored.work({
        ...options,
        handle(body) {
          own.expectStored() // more may follow it
          return options.handle(body)
        },
        onDrained() {
          own.expectNothing()
          options.onDrained?.()
        },
      })
      lane = own
      return stoppingBoth(worker, own)
    },
  }
}

type Lane<T> = {
  /** Handles the entry, unless something waits, the lane is full or it is closed. */
  take(entry: QueueEntry<T>): boolean
  expectStored(): void
  expectNothing(): void
  close(): Promise<void>
}

function openLane<T>(
  handle: (body: unknown) => Promise<Handled>,
  laneMax: number,
  store: (entry: QueueEntry<T>) => Promise<void>,
): Lane<T> {
  const running = new Set<Promise<void>>()
  let isNothingStored = false // until the worker has looked
  let isClosed = false
  const run = async (entry: QueueEntry<T>) => {
    const handled = await handle(entry.body)
    if (handled !== 'done') await store(handled === 'later' ? { ...entry, delayMs: laterMs } : entry)
  }
  return {
    take(entry) {
      if (!isNothingStored || isClosed || running.size >= laneMax || entry.delayMs !== undefined) return false
      const done = run(entry)
        .catch(() => {}) // whoever handles it has told; the row is found by the reconciler
        .finally(() => running.delete(done))
      running.add(done)
      return true
    },
    expectStored() {
      isNothingStored = false
    },
    expectNothing() {
      isNothingStored = true
    },
    async close() {
      isClosed = true
      await Promise.all(running)
    },
  }
}

const stoppingBoth = (worker: QueueWorker, lane: Lane<never>): QueueWorker => ({
  ...worker,
  async stop() {
    await Promise.all([lane.close(), worker.stop()])
  },
})
