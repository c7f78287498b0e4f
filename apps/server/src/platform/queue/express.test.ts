import { freshDatabase } from '@crucible/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { expressQueue } from './express.ts'
import { openQueue } from './open.ts'
import type { Handled, Queue, QueueWorker } from './port.ts'

type Body = { readonly name: string }
let database: Awaited<ReturnType<typeof freshDatabase>>
let stored: Queue<Body>
let storedNames: string[] = []
let worker: QueueWorker | null = null
let count = 0

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())
afterEach(async () => {
  await worker?.stop()
  worker = null
  await stored.close()
})

/** The real queue, which also tells what has been stored in it. */
async function open(laneMax: number): Promise<Queue<Body>> {
  storedNames = []
  const opened = await openQueue<Body>(
    `express${count++}`,
    { kind: 'postgres', ownerUrl: database.ownerUrl, connectionsMax: 4 },
    () => {},
  )
  stored = {
    ...opened,
    async add(entries) {
      storedNames.push(...entries.map(({ body }) => body.name))
      await opened.add(entries)
    },
  }
  return expressQueue(stored, laneMax)
}

const entry = (name: string) => ({ id: name, body: { name }, rank: 1 })

/** A worker that handles when it is told to, and the moment when it has first found nothing waiting. */
async function work(queue: Queue<Body>, answer: (name: string) => Handled | Promise<Handled>) {
  const handled: string[] = []
  const drained = Promise.withResolvers<void>()
  const waiting: (() => void)[] = []
  worker = await queue.work({
    concurrency: 1,
    onDrained: drained.resolve,
    async handle(body) {
      const { name } = body as Body // as it was added
      const answered = await answer(name)
      handled.push(name)
      for (const wake of waiting.splice(0)) wake()
      return answered
    },
  })
  await drained.promise
  return async (times: number) => {
    while (handled.length < times) await new Promise<void>((resolve) => waiting.push(resolve))
    return handled
  }
}

test('an entry is handled at once and never stored while nothing waits', async () => {
  const queue = await open(4)
  const handled = await work(queue, () => 'done')
  for (const name of ['a', 'b', 'c']) await queue.add([entry(name)])
  expect(await handled(3)).toEqual(['a', 'b', 'c'])
  expect(storedNames).toEqual([])
})

test('without a worker of its own, several at once, or delayed, everything is stored', async () => {
  const queue = await open(4)
  await queue.add([entry('before any worker')])
  const handled = await work(queue, () => 'done')
  await handled(1)
  await queue.add([entry('one of two'), entry('the other')])
  await queue.add([{ ...entry('delayed'), delayMs: 1 }])
  expect((await handled(4)).toSorted()).toEqual(['before any worker', 'delayed', 'one of two', 'the other'])
  expect(storedNames).toHaveLength(4)
})

test('a full lane stores, and what comes after waits behind what was stored', async () => {
  const queue = await open(1)
  const gate = Promise.withResolvers<void>()
  const handled = await work(queue, async (): Promise<Handled> => {
    await gate.promise
    return 'done'
  })
  for (const name of ['first', 'second', 'third']) await queue.add([entry(name)])
  expect(storedNames).toEqual(['second', 'third'])
  gate.resolve()
  expect((await handled(3)).toSorted()).toEqual(['first', 'second', 'third'])
})

test('what is put back is stored, and a stop waits for what is in the lane', async () => {
  const queue = await open(4)
  const gate = Promise.withResolvers<void>()
  const handled = await work(queue, async (): Promise<Handled> => {
    await gate.promise
    return 'back'
  })
  await queue.add([entry('put back')])
  const stopping = worker?.stop()
  gate.resolve()
  await handled(1)
  await stopping
  expect(storedNames).toEqual(['put back'])
  await queue.add([entry('after the stop')])
  expect(storedNames).toEqual(['put back', 'after the stop'])
})
