/** What every backend of the queue must do. */
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, freshDatabase, startRedis } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { QueueBackend } from './backend.ts'
import { openQueue } from './open.ts'
import type { Queue, QueueWorker } from './port.ts'

type Body = { readonly name: string }
type Started = { readonly backend: QueueBackend; stop(): Promise<void> }
let count = 0

async function postgres(): Promise<Started> {
  const database = await freshDatabase()
  return { backend: { kind: 'postgres', ownerUrl: database.ownerUrl, connectionsMax: 4 }, stop: database.drop }
}

async function redis(): Promise<Started> {
  const server = await startRedis()
  return { backend: { kind: 'redis', url: server.url }, stop: server.stop }
}

/** Two nodes, each with half of the keys; the one that is told of need not be the one that has the queue. */
async function cluster(): Promise<Started> {
  const nodes = await Promise.all([startClusterNode(), startClusterNode()])
  const [first, second] = nodes
  await first.command('CLUSTER', 'ADDSLOTSRANGE', '0', '8191')
  await second.command('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383')
  const [host = '', port = ''] = second.host.split(':')
  await first.command('CLUSTER', 'MEET', host, port, String(second.busPort))
  for (const node of nodes) while (!(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) await delay(20) // it tells nobody
  return {
    backend: { kind: 'redis', url: first.url },
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  }
}

async function startClusterNode() {
  const busPort = await freePort()
  return { ...(await startRedis({ 'cluster-enabled': 'yes', 'cluster-port': String(busPort) })), busPort }
}

const kinds = { postgres, redis, 'redis in cluster mode': cluster }

describe.each(Object.entries(kinds))('on %s', (_, start) => {
  let started: Started
  beforeAll(async () => {
    started = await start()
  })
  afterAll(() => started.stop())
  const backend = () => started.backend
  const open = () => openQueue<Body>(`test${process.pid}-${count}`, backend(), () => {})
  const withQueue = async (work: (queue: Queue<Body>) => Promise<void>) => {
    count++
    const queue = await open()
    try {
      await work(queue)
    } finally {
      await queue.close()
    }
  }
  /** Handles until `names` have come. */
  const take = async (queue: Queue<Body>, length: number, concurrency = 1): Promise<string[]> => {
    const names: string[] = []
    const all = Promise.withResolvers<void>()
    const worker = await queue.work({
      concurrency,
      async handle(body) {
        names.push((body as Body).name)
        if (names.length === length) all.resolve()
        return 'done'
      },
    })
    await all.promise
    await worker.stop()
    return names
  }
  const entry = (name: string, rank = 1, more: object = {}) => ({ id: name, body: { name }, rank, ...more })

  test('entries come by rank, and in their order within a rank', () =>
    withQueue(async (queue) => {
      for (const [name, rank] of [
        ['c', 9],
        ['a', 1],
        ['d', 2_097_151],
        ['b', 1],
      ] as const)
        await queue.add([entry(name, rank)])
      expect(await take(queue, 4)).toEqual(['a', 'b', 'c', 'd'])
      expect(await queue.depth()).toEqual({ waiting: 0, active: 0, delayed: 0 })
    }))

  test('an entry that waits already is not added again; one that is gone may be', () =>
    withQueue(async (queue) => {
      await queue.add([entry('a')])
      await queue.add([entry('a', 5), entry('b')])
      expect((await queue.depth()).waiting).toBe(2)
      expect((await take(queue, 2)).sort()).toEqual(['a', 'b'])
      await queue.add([entry('a')])
      expect(await take(queue, 1)).toEqual(['a'])
    }))

  test('many are added at once', () =>
    withQueue(async (queue) => {
      await queue.add(Array.from({ length: 1_200 }, (_, i) => entry(`n${i}`, i + 1)))
      expect((await queue.depth()).waiting).toBe(1_200)
      expect(await take(queue, 1_200, 20)).toHaveLength(1_200)
    }))

  test('what is to come later makes room for what waits behind it, and comes again', () =>
    withQueue(async (queue) => {
      await queue.add([entry('first', 1), entry('second', 2)])
      const names: string[] = []
      const all = Promise.withResolvers<void>()
      const worker = await queue.work({
        concurrency: 1,
        async handle(body) {
          names.push((body as Body).name)
          if (names.length === 3) all.resolve()
          return names.length === 1 ? 'later' : 'done'
        },
      })
      await all.promise
      await worker.stop()
      expect(names).toEqual(['first', 'second', 'first'])
      expect(await queue.depth()).toEqual({ waiting: 0, active: 0, delayed: 0 })
    }))

  test('a delayed entry comes when it is due', () =>
    withQueue(async (queue) => {
      const began = Date.now()
      await queue.add([entry('late', 1, { delayMs: 300 })])
      expect(await take(queue, 1)).toEqual(['late'])
      expect(Date.now() - began).toBeGreaterThanOrEqual(290)
    }))

  test('what is put back comes again, to another worker too', () =>
    withQueue(async (queue) => {
      await queue.add([entry('a')])
      const taken = Promise.withResolvers<void>()
      const stopped = Promise.withResolvers<'back'>()
      const first = await queue.work({
        concurrency: 1,
        async handle() {
          taken.resolve()
          return stopped.promise
        },
      })
      await taken.promise
      const end = first.stop()
      stopped.resolve('back')
      await end
      const other = await open()
      expect(await take(other, 1)).toEqual(['a'])
      await other.close()
    }))

  test('what one added, two workers share, and each entry is handled once', () =>
    withQueue(async (queue) => {
      const other = await open()
      const names: string[] = []
      const all = Promise.withResolvers<void>()
      const both = Promise.withResolvers<void>()
      const seen = new Set<Queue<Body>>()
      const handledBy = (by: Queue<Body>) => async (body: unknown) => {
        seen.add(by)
        if (seen.size === 2) both.resolve()
        await both.promise // whoever came first waits until the other has something too
        if (names.push((body as Body).name) === 40) all.resolve()
        return 'done' as const
      }
      const workers = [
        await queue.work({ concurrency: 2, handle: handledBy(queue) }),
        await other.work({ concurrency: 2, handle: handledBy(other) }),
      ]
      await queue.add(Array.from({ length: 40 }, (_, i) => entry(`n${i}`)))
      await all.promise
      await Promise.all(workers.map((worker) => worker.stop()))
      expect(new Set(names).size).toBe(40)
      expect(names).toHaveLength(40)
      await other.close()
    }))

  test('never more than the concurrency are handled at once, and it can grow', () =>
    withQueue(async (queue) => {
      let now = 0
      let most = 0
      let worker: QueueWorker | null = null
      const all = Promise.withResolvers<void>()
      let handled = 0
      worker = await queue.work({
        concurrency: 2,
        async handle() {
          most = Math.max(most, ++now)
          await new Promise((resolve) => setImmediate(resolve))
          now--
          if (++handled === 20) {
            expect(most).toBeLessThanOrEqual(2)
            worker?.setConcurrency(5)
          }
          if (handled === 60) all.resolve()
          return 'done'
        },
      })
      await queue.add(Array.from({ length: 60 }, (_, i) => entry(`n${i}`)))
      await all.promise
      expect(most).toBeLessThanOrEqual(5)
      await worker.stop()
    }))
})
