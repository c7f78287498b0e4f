/** What every backend of the queue must do. PostgreSQL always; Redis where CRUCIBLE_TEST_REDIS_URL names one. */
import { freshDatabase, type TestDatabase } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type QueueBackend, refuseEviction } from './backend.ts'
import { openQueue } from './open.ts'
import type { Queue, QueueWorker } from './port.ts'

type Body = { readonly name: string }
const redisUrl = process.env['CRUCIBLE_TEST_REDIS_URL']
const kinds = ['postgres', ...(redisUrl === undefined ? [] : ['redis'])]
let database: TestDatabase
let count = 0

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

describe.each(kinds)('on %s', (kind) => {
  const backend = (): QueueBackend =>
    kind === 'redis' && redisUrl !== undefined
      ? { kind: 'redis', url: redisUrl }
      : { kind: 'postgres', ownerUrl: database.ownerUrl, connectionsMax: 4 }
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

test('a Redis that may evict keys is refused', () => {
  expect(() => refuseEviction('# Memory\r\nmaxmemory_policy:allkeys-lru\r\n')).toThrow('noeviction')
  expect(() => refuseEviction('# Memory\r\n')).toThrow('noeviction')
  expect(() => refuseEviction('# Memory\r\nmaxmemory_policy:noeviction\r\n')).not.toThrow()
})
