/** Evaluations with their queue in Redis: whatever Redis forgets, the rows remember. */
import type { EvaluationId } from '@crucible/contracts'
import {
  type EvaluationsHarness,
  type EvaluationsOptions,
  evaluationsHarness,
  playOut,
  type ScriptedJob,
  startRedis,
  type TestRedis,
} from '@crucible/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

let redis: TestRedis
let server: EvaluationsHarness
beforeAll(async () => {
  redis = await startRedis()
})
afterEach(async () => {
  await server.close()
  await redis.command('FLUSHALL')
})
afterAll(() => redis.stop())

const start = (options: EvaluationsOptions) => evaluationsHarness({ ...options, redisUrl: redis.url })
const quick = { reapMs: 30, renewMs: 50, reconcileMs: 100 }

/** Runs play out when they are let go; until then they hold their slot. */
function gate() {
  const opened = Promise.withResolvers<void>()
  const script = async (job: ScriptedJob) => {
    await opened.promise
    playOut(job)
  }
  return { script, open: opened.resolve }
}

/** A full executor is asked again, which is not a run: what counts is what was begun. */
async function eachJudgedOnce(ids: readonly EvaluationId[]) {
  for (const id of ids) {
    await server.reaches(server.alice, id, 'completed')
    expect(await server.read(server.alice, id)).toMatchObject({ verdict: 'accepted' })
  }
  expect(server.executor.begun).toHaveLength(ids.length)
}

const submitted = async (count: number) => {
  const ids: EvaluationId[] = []
  for (let i = 0; i < count; i++) ids.push((await server.submit(server.alice, `x${i}`)).id)
  return ids
}

test('FLUSHALL while programs run and others wait loses none and judges none twice', async () => {
  const { script, open } = gate()
  server = await start({ script, slots: 4, times: quick })
  await server.startWorker()
  const ids = await submitted(30)
  await expect.poll(() => server.executor.running(), { timeout: 10_000 }).toBe(4)
  await redis.command('FLUSHALL')
  open()
  await eachJudgedOnce(ids)
})

test('a Redis that is away turns no submission away, and what came meanwhile is judged when it is back', async () => {
  server = await start({ script: (job) => playOut(job), times: quick })
  const before = await submitted(1)
  await eachJudgedOnce(before)
  await redis.fall()
  const meanwhile = await submitted(2)
  await redis.rise()
  await eachJudgedOnce([...before, ...meanwhile])
})

test('high goes before what waits already, whoever the queue is', async () => {
  const { script, open } = gate()
  const order: string[] = []
  server = await start({
    slots: 1,
    times: quick,
    async script(job) {
      await script(job)
      order.push(job.code)
    },
  })
  const ids = [(await server.submit(server.alice, 'first')).id]
  await expect.poll(() => server.executor.running(), { timeout: 10_000 }).toBe(1)
  for (let i = 0; i < 8; i++) ids.push((await server.submit(server.alice, 'low', { priority: 'low' })).id)
  ids.push((await server.submit(server.alice, 'high', { priority: 'high' })).id)
  open()
  await eachJudgedOnce(ids)
  // The worker holds a few entries more than there are slots; those were taken before the urgent one came.
  expect(order.indexOf('high')).toBeLessThan(5)
})

test('three hundred programs under a millisecond, two workers: none is left without its end', async () => {
  server = await start({ script: (job) => playOut(job), slots: 16, times: quick })
  await server.startWorker()
  await eachJudgedOnce(await submitted(300))
})
