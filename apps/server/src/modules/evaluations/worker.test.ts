/** What happens when something dies, is full, or changes its mind. */
import type { Evaluation, EvaluationId } from '@crucible/contracts'
import {
  type EvaluationsHarness,
  evaluationsHarness,
  hungUp,
  judgement,
  playOut,
  type ScriptedJob,
  started,
} from '@crucible/testkit'
import { afterEach, describe, expect, test } from 'vitest'

let server: EvaluationsHarness
afterEach(() => server.close())

const quick = { reapMs: 30, renewMs: 50, reconcileMs: 100_000 }
const history = async (id: EvaluationId) => (await server.read(server.alice, id)).attemptHistory.map(({ end }) => end)

/** Scripts by the number of the try of one program. */
const tries = (...scripts: ((job: ScriptedJob) => void | Promise<void>)[]) => {
  let count = 0
  return (job: ScriptedJob) => (scripts[Math.min(count++, scripts.length - 1)] ?? playOut)(job)
}
const dies = (job: ScriptedJob) => {
  job.emit(started)
  job.emit({ type: 'run_started', run: 'run' })
  job.emit({ type: 'output', run: 'run', stream: 'stdout', base64: Buffer.from('half').toString('base64') })
  setImmediate(job.die)
}
const holds = async (job: ScriptedJob) => {
  job.emit(started)
  await hungUp(job)
}

describe('an executor', () => {
  test('that dies mid-run costs an attempt, and the next one gives the verdict; what was shown of the first is void', async () => {
    server = await evaluationsHarness({ script: tries(dies, (job) => playOut(job, 'whole')) })
    const { id, ...judged } = await server.judge(server.alice, 'x')
    expect(judged).toMatchObject({ status: 'completed', verdict: 'accepted', attempts: 2 })
    expect(await history(id)).toEqual(['executor_lost', 'completed'])
    expect((await server.alice.get(`/evaluations/${id}/output`)).text).toBe('whole')
    const sent = (await server.alice.get(`/evaluations/${id}/stream`)).text
    expect(sent).toContain('"type":"reset","attempt":1')
  })

  test('that always dies leads to failed with the cause, and never to a verdict', async () => {
    server = await evaluationsHarness({ script: dies, attemptsMax: 3 })
    const failed = await server.judge(server.alice, 'x')
    expect(failed).toMatchObject({ status: 'failed', verdict: null, attempts: 3, failure: { code: 'executor_lost' } })
    expect(await history(failed.id)).toEqual(['executor_lost', 'executor_lost', 'executor_lost'])
  })

  test('that is full costs nothing, however often', async () => {
    const busy = (job: ScriptedJob) => job.emit({ type: 'fault', code: 'busy', detail: 'full' })
    server = await evaluationsHarness({ script: tries(busy, busy, busy, busy, playOut), attemptsMax: 1 })
    const judged = await server.judge(server.alice, 'x')
    expect(judged).toMatchObject({ status: 'completed', attempts: 5 })
    expect(await history(judged.id)).toEqual(['executor_busy', 'executor_busy', 'executor_busy', 'executor_busy', 'completed'])
  })

  test('that says a job is impossible is not asked again', async () => {
    server = await evaluationsHarness({
      script: (job) => job.emit({ type: 'fault', code: 'invalid_job', detail: 'odd \0 \ud800' }),
    })
    expect(await server.judge(server.alice, 'x')).toMatchObject({
      status: 'failed',
      attempts: 1,
      failure: { code: 'engine_fault' },
    })
  })

  test('that talks nonsense is one that was lost', async () => {
    server = await evaluationsHarness({
      script: (job) => job.emit({ type: 'finished', judgement: { verdict: 'perfect' } } as never),
      attemptsMax: 1,
    })
    expect(await server.judge(server.alice, 'x')).toMatchObject({ status: 'failed', failure: { code: 'executor_lost' } })
  })

  test('that gives a verdict before it has started anything is one that was lost', async () => {
    server = await evaluationsHarness({
      script: (job) => job.emit({ type: 'finished', judgement: judgement('accepted') }),
      attemptsMax: 1,
    })
    expect(await server.judge(server.alice, 'x')).toMatchObject({ status: 'failed', failure: { code: 'executor_lost' } })
  })

  test('that is restarted turns no submission away, and what waits keeps all its attempts', async () => {
    server = await evaluationsHarness({ script: playOut })
    await server.executor.fall()
    const { id } = await server.submit(server.alice, 'x')
    expect((await server.alice.get('/runtimes')).body).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ name: 'python@3.11' })]),
    })
    await server.executor.rise()
    await server.reaches(server.alice, id, 'completed')
    expect((await server.database.query('select faults from evaluations.evaluation'))[0]).toEqual({ faults: 0 })
  })
})

describe('a cancel', () => {
  const cancel = async (id: EvaluationId) => (await server.alice.post(`/evaluations/${id}/cancel`)).body as Evaluation

  test('of what is queued is at once, and it never runs', async () => {
    server = await evaluationsHarness({ script: playOut, hasWorker: false })
    const { id } = await server.submit(server.alice, 'x')
    expect(await cancel(id)).toMatchObject({ status: 'cancelled', verdict: null })
    await server.startWorker()
    await server.judge(server.alice, 'after it')
    expect(server.executor.begun).toHaveLength(1)
    expect(await cancel(id)).toMatchObject({ status: 'cancelled' })
  })

  test.each([
    ['before it has started', async (job: ScriptedJob) => hungUp(job), 'provisioning'],
    ['while it runs', holds, 'running'],
  ] as const)('%s reaches the executor, and is idempotent', async (_, script, status) => {
    let reached = () => {}
    const wasReached = new Promise<void>((resolve) => {
      reached = resolve
    })
    server = await evaluationsHarness({
      async script(job) {
        await script(job)
        reached()
      },
    })
    const { id } = await server.submit(server.alice, 'x')
    await server.reaches(server.alice, id, status)
    expect([await cancel(id), await cancel(id)]).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }])
    await wasReached
    expect(await history(id)).toEqual(['cancelled'])
  })

  test('of what has ended changes nothing', async () => {
    server = await evaluationsHarness({ script: playOut })
    const judged = await server.judge(server.alice, 'x')
    expect(await cancel(judged.id)).toEqual(judged)
  })

  test('whose wake-up is lost is found with the next renewal of leases', async () => {
    server = await evaluationsHarness({ script: holds, times: { ...quick } })
    const { id } = await server.submit(server.alice, 'x')
    await server.reaches(server.alice, id, 'running')
    // Past every notification: as the owner, without the statement that sends it.
    await server.database.query(`update evaluations.evaluation set status = 'cancelled', finished_at = now(), lease_until = null`)
    for (let i = 0; server.executor.running() > 0 && i < 500; i++) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(server.executor.running()).toBe(0)
  })
})

test('a database that drops its connections again and again loses and repeats nothing of a running program', async () => {
  const parts = Array.from({ length: 25 }, (_, i) => `${i},`)
  server = await evaluationsHarness({
    async script(job) {
      job.emit(started)
      job.emit({ type: 'run_started', run: 'run' })
      for (const part of parts) {
        job.emit({ type: 'output', run: 'run', stream: 'stdout', base64: Buffer.from(part).toString('base64') })
        await server.database.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crucible app' and datname = current_database()`,
        )
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
      job.emit({ type: 'finished', judgement: judgement('accepted') })
    },
  })
  const { id } = await server.submit(server.alice, 'x')
  for (let i = 0; i < 500; i++) {
    const [row] = await server.database.query<{ status: string }>('select status from evaluations.evaluation')
    if (row?.status === 'completed' || row?.status === 'failed') break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(await server.read(server.alice, id)).toMatchObject({ status: 'completed', attempts: 1 })
  expect((await server.alice.get(`/evaluations/${id}/output`)).text).toBe(parts.join(''))
  const log = await server.database.query<{ seq: number }>('select seq::int from evaluations.event order by seq')
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1))
})

test('a result that comes after the lease was lost is dropped: one verdict, from the attempt that holds the lease', async () => {
  const late = Promise.withResolvers<void>()
  const wrong = async (job: ScriptedJob) => {
    job.emit(started)
    await late.promise
    job.emit({ type: 'finished', judgement: judgement('wrong_answer') })
  }
  server = await evaluationsHarness({ script: tries(wrong, playOut), times: { ...quick, renewMs: 100_000 } })
  const { id } = await server.submit(server.alice, 'x')
  await server.reaches(server.alice, id, 'running')
  await server.database.query(`update evaluations.evaluation set lease_until = now() - interval '1 s'`)
  await server.reaches(server.alice, id, 'completed')
  late.resolve()
  await server.judge(server.alice, 'meanwhile the late one has answered')
  expect(await server.read(server.alice, id)).toMatchObject({ verdict: 'accepted', attempts: 2 })
  expect(await history(id)).toEqual(['lease_expired', 'completed'])
  const ends = await server.database.query(
    `select 1 from evaluations.event where kind = 'status' and status = 'completed' and evaluation_id = (select id from evaluations.evaluation order by created_at limit 1)`,
  )
  expect(ends).toHaveLength(1)
})

describe('a worker that is stopped', () => {
  test('hands back what still runs when the grace is over, and another finishes it with no fault counted', async () => {
    server = await evaluationsHarness({ script: tries(holds, playOut), hasWorker: false, attemptsMax: 1 })
    const first = await server.startWorker()
    const { id } = await server.submit(server.alice, 'x')
    await server.reaches(server.alice, id, 'running')
    await first.stop(AbortSignal.timeout(50))
    expect((await server.read(server.alice, id)).status).toBe('queued')
    await server.startWorker()
    await server.reaches(server.alice, id, 'completed')
    expect(await history(id)).toEqual(['handed_back', 'completed'])
  })

  test('lets what runs finish within the grace', async () => {
    const end = Promise.withResolvers<void>()
    server = await evaluationsHarness({
      async script(job) {
        job.emit(started)
        await end.promise
        job.emit({ type: 'finished', judgement: judgement('accepted') })
      },
      hasWorker: false,
    })
    const worker = await server.startWorker()
    const { id } = await server.submit(server.alice, 'x')
    await server.reaches(server.alice, id, 'running')
    const stopped = worker.stop(AbortSignal.timeout(30_000))
    end.resolve()
    await stopped
    expect(await server.read(server.alice, id)).toMatchObject({ status: 'completed', attempts: 1 })
  })
})

test('what a queue has forgotten is added again when a worker starts', async () => {
  server = await evaluationsHarness({ script: playOut, hasWorker: false })
  const ids = await Promise.all(Array.from({ length: 20 }, async () => (await server.submit(server.alice, 'x')).id))
  await server.database.query('delete from bullmq.job')
  await server.startWorker()
  for (const id of ids) await server.reaches(server.alice, id, 'completed')
  expect(server.executor.begun).toHaveLength(20)
})

test('and, while one runs, by the reconciler; an entry that is there twice runs once', async () => {
  server = await evaluationsHarness({ script: playOut, times: { reconcileMs: 50 } })
  await server.executor.fall()
  const { id } = await server.submit(server.alice, 'x')
  await server.database.query('delete from bullmq.job')
  await server.executor.rise()
  await server.reaches(server.alice, id, 'completed')
  expect(new Set(server.executor.begun).size).toBe(server.executor.begun.length)
})

test('a thousand programs under a millisecond, fifty in flight, two workers: none is left without its end', async () => {
  server = await evaluationsHarness({ script: (job) => playOut(job, '.'), slots: 50 })
  await server.startWorker()
  let left = 1_000
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      while (left-- > 0) expect((await server.judge(server.alice, 'x')).status).toBe('completed')
    }),
  )
  const [row] = await server.database.query<Record<string, number>>(`
    select count(*)::int as completed, max(attempt)::int as attempts,
           (select count(*)::int from (select evaluation_id from evaluations.event group by evaluation_id having count(*) <> max(seq) or count(*) <> 9) x) as gaps
      from evaluations.evaluation where status = 'completed'`)
  expect(row).toEqual({ completed: 1_000, attempts: 1, gaps: 0 })
  expect(server.executor.runningMost()).toBeLessThanOrEqual(50)
})
