/** What a Redis that goes away may cost: time, and entries, which the rows bring back; never a caller who waits for ever. */
import { startRedis, type TestRedis } from '@crucible/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openQueue } from './open.ts'
import type { Queue } from './port.ts'

let redis: TestRedis
let queue: Queue<{ name: string }>
let faults: Error[]
beforeEach(async () => {
  faults = []
  redis = await startRedis()
  queue = await openQueue('away', { kind: 'redis', url: redis.url }, (error) => faults.push(error))
})
afterEach(async () => {
  await queue.close()
  await redis.stop()
})

const entry = (name: string) => ({ id: name, body: { name }, rank: 1 })

test('adding says so within seconds, and so does asking for the depth', async () => {
  await redis.fall()
  const began = performance.now()
  await expect(queue.add([entry('a')])).rejects.toThrow()
  await expect(queue.add(Array.from({ length: 600 }, (_, i) => entry(`n${i}`)))).rejects.toThrow()
  await expect(queue.depth()).rejects.toThrow()
  expect(performance.now() - began).toBeLessThan(15_000)
  expect(faults.length).toBeGreaterThan(0)
})

test('one that comes back empty is used on: the worker takes what is added then', async () => {
  const handled: string[] = []
  const came = new Map<string, PromiseWithResolvers<void>>()
  const coming = (name: string) => {
    const waiting = came.get(name) ?? Promise.withResolvers<void>()
    came.set(name, waiting)
    return waiting
  }
  const held = Promise.withResolvers<void>()
  const worker = await queue.work({
    concurrency: 2,
    async handle(body) {
      const { name } = body as { name: string }
      handled.push(name)
      coming(name).resolve()
      if (name === 'held') await held.promise
      return 'done'
    },
  })
  await queue.add([entry('held')])
  await coming('held').promise
  await redis.fall()
  await redis.rise()
  await queue.add([entry('after')])
  await coming('after').promise
  held.resolve() // its entry is gone, which is nobody's fault
  await worker.stop()
  expect(handled).toEqual(['held', 'after'])
})

test('a worker stops within seconds while Redis is away', async () => {
  const taken = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const worker = await queue.work({
    concurrency: 1,
    async handle() {
      taken.resolve()
      await held.promise
      return 'done'
    },
  })
  await queue.add([entry('held')])
  await taken.promise
  await redis.fall()
  const began = performance.now()
  const stopped = worker.stop()
  held.resolve()
  await stopped
  await queue.close()
  expect(performance.now() - began).toBeLessThan(15_000)
})
