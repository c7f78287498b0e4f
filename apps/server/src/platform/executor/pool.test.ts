import { type ScriptedExecutor, scriptedExecutor } from '@crucible/testkit'
import { afterEach, expect, test } from 'vitest'
import { createExecutorClient } from './client.ts'
import { createExecutorPool, type ExecutorPool, InTheWay } from './pool.ts'

let pool: ExecutorPool
const executors: ScriptedExecutor[] = []
let stuck = 0
let told: (name: string, answers: boolean) => void = () => {}
const never = new AbortController().signal
afterEach(async () => {
  told = () => {}
  await pool.stop()
  for (const executor of executors.splice(0)) await executor.stop()
})

async function poolOf(...slots: number[]) {
  for (const count of slots)
    executors.push(await scriptedExecutor(() => {}, { slots: count, name: `executor-${executors.length}` }))
  pool = createExecutorPool({
    clients: executors.map(({ socketPath, token }) => createExecutorClient({ address: { socketPath }, token })),
    pollMs: 20,
    onStatus: (client, status) => told(client.name, status !== null),
    onStuck: (count) => {
      stuck = count
    },
  })
}

test('never lends more slots than there are, and serves those who wait in their order', async () => {
  await poolOf(1, 1)
  const [first, second] = [await pool.acquire(never), await pool.acquire(never)]
  expect(new Set([first.status.name, second.status.name]).size).toBe(2)
  const served: number[] = []
  const waiting = [1, 2, 3].map(async (place) => {
    const slot = await pool.acquire(never)
    served.push(place)
    slot.release()
  })
  first.release()
  first.release() // again: it is not lent twice
  await Promise.all(waiting)
  expect(served).toEqual([1, 2, 3])
  second.release()
})

test('who waits for what suits stays as long as there are slots, and makes way beyond that for who could use a free one', async () => {
  await poolOf(1, 1)
  const suits = ({ name }: { name: string }) => name.endsWith('-0')
  const held = await pool.acquire(never, suits)
  const waiting = Array.from({ length: 4 }, () => pool.acquire(never, suits))
  const ends = await Promise.allSettled(waiting.slice(2))
  expect(ends.map((end) => end.status === 'rejected' && end.reason instanceof InTheWay)).toEqual([true, true])
  expect(stuck).toBe(2)
  const other = await pool.acquire(never)
  expect([other.status.name.at(-1), stuck]).toEqual(['1', 2])
  for (const each of [held, ...waiting.slice(0, 2)]) (await each).release()
  expect(stuck).toBe(0)
})

test('who gives up waiting gets none, and takes none from who waits on', async () => {
  await poolOf(1)
  const held = await pool.acquire(never)
  const gone = new AbortController()
  const abandoned = pool.acquire(gone.signal)
  const waiting = pool.acquire(never)
  gone.abort(new Error('gone'))
  await expect(abandoned).rejects.toThrow('gone')
  held.release()
  expect((await waiting).status.name).toBe('executor-0')
})

test('an executor that falls silent lends nothing until it answers again', async () => {
  await poolOf(4)
  const slot = await pool.acquire(never)
  await executors[0]?.fall()
  pool.distrust(slot.client)
  expect(pool.slots()).toBe(0)
  const waiting = pool.acquire(never)
  await executors[0]?.rise()
  expect((await waiting).status.slots).toBe(4)
})

test('an executor that starts a little later is not called silent; one that answered and stopped is, once', async () => {
  executors.push(await scriptedExecutor(() => {}, { slots: 1, name: 'late' }))
  await executors[0]?.fall()
  const words: boolean[] = []
  const next = (wanted: boolean) =>
    new Promise<void>((resolve) => {
      told = (_name, answers) => {
        words.push(answers)
        if (answers === wanted) resolve()
      }
    })
  const answered = next(true)
  await poolOf()
  await executors[0]?.rise()
  await answered
  expect(words).toEqual([true])

  const silent = next(false)
  await executors[0]?.fall()
  await silent
  const again = next(true)
  await executors[0]?.rise()
  await again
  expect(words.filter((answers) => !answers)).toHaveLength(1)
})
