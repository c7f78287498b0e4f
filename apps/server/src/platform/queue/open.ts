import { setTimeout as delay } from 'node:timers/promises'
import { DelayedError, type Job, WaitingError } from 'bullmq'
import { type OpenBackend, openBackend, type QueueBackend } from './backend.ts'
import { type Handled, laterMs, type Queue, type QueueEntry, type QueueWorker } from './port.ts'

const addedAtOnceMax = 500
const tellMs = 5_000
const singlyMax = 16

export async function openQueue<T extends object>(
  name: string,
  backend: QueueBackend,
  onFault: (error: Error) => void,
): Promise<Queue<T>> {
  const opened = await openBackend(name, backend, onFault)
  return {
    async add(entries) {
      // In PostgreSQL the bulk form makes temporary tables: 25 ms for one entry, where the single form takes 0.7 ms.
      if (entries.length <= singlyMax) return void (await Promise.all(entries.map((entry) => addOne(opened.queue, entry))))
      for (let from = 0; from < entries.length; from += addedAtOnceMax) {
        await opened.queue.addBulk(entries.slice(from, from + addedAtOnceMax).map(asJob))
      }
    },
    async work({ concurrency, handle, onDrained }) {
      const handling = countHandled(handle)
      const worker = opened.worker(processing(handling.handle), {
        concurrency: Math.max(1, concurrency),
        // What a killed worker had taken but not begun is found by these two alone: its row is queued and has no lease.
        lockDuration: 10_000,
        stalledInterval: 5_000,
        maxStalledCount: 1_000_000, // a worker that died is no fault of the entry; the row counts its faults
      })
      worker.on('error', onFault)
      if (onDrained !== undefined) worker.on('drained', onDrained)
      await worker.waitUntilReady()
      return asWorker(worker, handling.idle)
    },
    async depth() {
      const counts = await opened.queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed')
      const of = (state: string) => counts[state] ?? 0
      return { waiting: of('waiting') + of('prioritized'), active: of('active'), delayed: of('delayed') }
    },
    async close() {
      await opened.queue.close()
      await opened.close()
    },
  }
}

function addOne<T extends object>(queue: OpenBackend['queue'], entry: QueueEntry<T>) {
  const { name, data, opts } = asJob(entry)
  return queue.add(name, data, opts)
}

const asJob = <T extends object>({ id, body, rank, delayMs }: QueueEntry<T>) => ({
  name: 'wake',
  data: body,
  opts: {
    jobId: id,
    priority: rank,
    removeOnComplete: true,
    removeOnFail: true,
    ...(delayMs === undefined ? {} : { delay: delayMs }),
  },
})

const processing = (handle: (body: unknown) => Promise<Handled>) => async (job: Job, token?: string) => {
  const handled = await handle(job.data)
  if (handled === 'done') return
  if (handled === 'later') await job.moveToDelayed(Date.now() + laterMs, token)
  else await job.moveToWait(token)
  throw handled === 'later' ? new DelayedError() : new WaitingError() // the library's way of saying: I have already put it back
}

/** Never paused: the library's pause can leave a worker asleep, and whoever handles an entry can wait for capacity itself. */
const asWorker = (worker: ReturnType<OpenBackend['worker']>, idle: () => Promise<void>): QueueWorker => ({
  setConcurrency(concurrency) {
    worker.concurrency = Math.max(1, concurrency)
  },
  async stop() {
    // A queue that has gone away is told for ever that an entry is done; the row knows, so nobody need hear it.
    const givenUp = idle().then(() => delay(tellMs, undefined, { ref: false }))
    await Promise.race([worker.close(), givenUp])
  },
})

function countHandled(handle: (body: unknown) => Promise<Handled>) {
  const running = new Set<Promise<Handled>>()
  return {
    handle(body: unknown): Promise<Handled> {
      const handled = handle(body).finally(() => running.delete(handled))
      running.add(handled)
      return handled
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running)
    },
  }
}
