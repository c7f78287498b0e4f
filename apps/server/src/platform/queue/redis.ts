/** The connections of the queue to Redis or Valkey, alone or as a cluster. Loaded only where one is used. */
import { once } from 'node:events'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { type RedisServer, requireRedis, unusable } from './require-redis.ts'

export type RedisConnections = {
  /** Fails soon without Redis: who adds an entry has its row, and somebody waits for the answer. */
  readonly adding: Redis | Cluster
  /** Never connects itself; a worker copies it, and its copies wait for Redis as long as they have to. */
  readonly working: Redis | Cluster
  close(): void
}

const startMs = 10_000 // a Redis that has just been started may still be reading its file
const answerMs = 5_000
/** Above the 10 s for which the library lets Redis hold back an answer while there is nothing to do. */
const blockedMs = 12_000

const whileAdding = { maxRetriesPerRequest: 2, commandTimeout: answerMs } satisfies RedisOptions
const whileWorking = { maxRetriesPerRequest: null, commandTimeout: blockedMs, lazyConnect: true } satisfies RedisOptions

/** Throws a sentence for whoever has to mend it when there is no Redis, or none that keeps what it is given. */
export async function connectRedis(
  url: string,
  onFault: (error: Error) => void,
  deadlineMs = startMs,
): Promise<RedisConnections> {
  const server = await requireRedis(url, deadlineMs)
  const adding = open(url, server, whileAdding)
  const working = open(url, server, whileWorking)
  try {
    await once(adding, 'ready', { signal: AbortSignal.timeout(deadlineMs) })
  } catch (cause) {
    adding.disconnect()
    throw unusable(url, server.isCluster ? new Error('no node can be reached at the address that it tells', { cause }) : cause)
  }
  for (const client of [adding, working]) client.on('error', onFault)
  const copies = keepCopies(working)
  return {
    adding,
    working,
    close() {
      for (const client of [adding, working, ...copies]) client.disconnect()
    },
  }
}

/** The library forgets the copies of a worker that could not say goodbye, and they would try to connect for ever. */
function keepCopies(client: Redis | Cluster): Set<Redis | Cluster> {
  const copies = new Set<Redis | Cluster>()
  const duplicate = client.duplicate.bind(client) as (...how: unknown[]) => Redis | Cluster // the two take other arguments
  const keeping = (...how: unknown[]) => {
    const copy = duplicate(...how)
    copies.add(copy)
    return copy
  }
  Object.assign(client, { duplicate: keeping })
  return copies
}

function open(url: string, { isCluster, login }: RedisServer, more: RedisOptions): Redis | Cluster {
  // A network that swallows packets ends no connection by itself.
  const options: RedisOptions = { ...more, connectTimeout: answerMs, socketTimeout: blockedMs }
  if (!isCluster) return new Redis(url, options)
  const isAdding = more.lazyConnect !== true
  // Without its nodes a cluster's client keeps commands for ever; who works has nobody waiting for it.
  return new Cluster([url], { redisOptions: { ...options, ...login }, enableOfflineQueue: !isAdding, lazyConnect: !isAdding })
}
