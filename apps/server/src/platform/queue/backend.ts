/** Where the entries live: in PostgreSQL, or in Redis when its URL is given. Everything else is the same code. */
import { createPostgresBackend, type Job, type PostgresConnectionOptions, Queue, Worker, type WorkerOptions } from 'bullmq'
import { openQueuePool } from '../db/index.ts'

export type QueueBackend =
  | { readonly kind: 'postgres'; readonly ownerUrl: string; readonly connectionsMax: number }
  | { readonly kind: 'redis'; readonly url: string }

type Process = (job: Job, token?: string) => Promise<void>
type Settings = Omit<WorkerOptions, 'connection'>

// What the two backends' classes have in common; their type arguments differ and say nothing that we use.
type AnyQueue = Pick<Queue, 'add' | 'addBulk' | 'getJobCounts' | 'waitUntilReady' | 'close'> & {
  on(event: 'error', listener: (error: Error) => void): unknown
}
type AnyWorker = Pick<Worker, 'waitUntilReady' | 'close'> & {
  concurrency: number
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'drained', listener: () => void): unknown
}

export type OpenBackend = {
  readonly queue: AnyQueue
  worker(work: Process, settings: Settings): AnyWorker
  close(): Promise<void>
}

export async function openBackend(name: string, backend: QueueBackend, onFault: (error: Error) => void): Promise<OpenBackend> {
  const opened = backend.kind === 'postgres' ? onPostgres(name, backend, onFault) : await onRedis(name, backend.url, onFault)
  opened.queue.on('error', onFault)
  await opened.queue.waitUntilReady()
  return opened
}

const eventsKept = { streams: { events: { maxLen: 100 } } } // nobody reads the library's own events

function onPostgres(
  name: string,
  { ownerUrl, connectionsMax }: QueueBackend & { kind: 'postgres' },
  onFault: (error: Error) => void,
): OpenBackend {
  const pool = openQueuePool(ownerUrl, connectionsMax, onFault)
  const connection = pool as unknown as PostgresConnectionOptions // it takes a pg.Pool, and describes its overloads differently
  return {
    queue: new Queue(name, { connection, ...eventsKept }, createPostgresBackend),
    worker: (work, settings) => new Worker(name, work, { ...settings, connection }, createPostgresBackend),
    close: () => pool.end(),
  }
}

/** In braces, so that a cluster keeps every key of the queue on one node: its steps are scripts over several keys. */
const prefix = '{crucible}'

async function onRedis(name: string, url: string, onFault: (error: Error) => void): Promise<OpenBackend> {
  const { connectRedis } = await import('./redis.ts') // 24 ms of loading, and most starts need none of it
  const redis = await connectRedis(url, onFault)
  return {
    queue: new Queue(name, { connection: redis.adding, prefix, ...eventsKept }),
    worker: (work, settings) => new Worker(name, work, { ...settings, prefix, connection: redis.working }),
    close: async () => redis.close(),
  }
}
