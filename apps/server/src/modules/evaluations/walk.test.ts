/** The walk of one evaluation, over the real HTTP application, PostgreSQL and queue; only the sandbox is a script. */
import { evaluationDetail, uuidOf } from '@crucible/contracts'
import { type EvaluationsHarness, evaluationsHarness, hungUp, judgement, playOut, started } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: EvaluationsHarness

beforeAll(async () => {
  server = await evaluationsHarness({
    async script(job) {
      if (job.code.startsWith('hang')) {
        job.emit(started)
        await hungUp(job)
      } else if (job.code === 'slow') {
        job.emit(started)
        await isRunning()
        job.emit({ type: 'finished', judgement: judgement('accepted'), host: { loadAverage: 1.5, stealMs: 30 } })
      } else playOut(job, job.code, job.code === 'wrong' ? 'wrong_answer' : 'accepted')
    },
  })
})
afterAll(() => server.close())

/** The start of the one program that is slow has been written by itself. */
async function isRunning(): Promise<void> {
  while ((await server.database.query(`select from evaluations.evaluation where status = 'running'`)).length === 0);
}

test('a submission is judged and everything about it can be read', async () => {
  const judged = await server.judge(server.alice, 'hello', { metadata: { note: 'mine', status: 'failed' }, stdin: 'in\0put' })
  expect(judged).toMatchObject({
    status: 'completed',
    verdict: 'accepted',
    score: 1,
    runtime: 'python@3.11',
    attempts: 1,
    isIsolated: true,
  })
  const answer = await server.alice.get(`/evaluations/${judged.id}`)
  const detail = evaluationDetail.parse(answer.body)
  expect(detail).toMatchObject({
    ...judged,
    files: [{ path: 'main.py', content: 'hello' }],
    stdin: 'in\0put',
    metadata: { note: 'mine', status: 'failed' },
    environment: { engine: 'scripted' },
    attemptHistory: [{ number: 1, executor: 'scripted', engine: 'scripted', end: 'completed' }],
  })
  expect(
    detail.startedAt && detail.finishedAt && detail.createdAt <= detail.startedAt && detail.startedAt <= detail.finishedAt,
  ).toBe(true)
})

test('a program that fails is a verdict, and is not tried again', async () => {
  expect(await server.judge(server.alice, 'wrong')).toMatchObject({ status: 'completed', verdict: 'wrong_answer', attempts: 1 })
})

test('the reply to a submission says where it is, and ?wait answers 202 when time is up', async () => {
  const answer = await server.alice.post('/evaluations?wait=0.05', { language: 'py', code: 'hang' })
  expect(answer.status).toBe(202)
  const { id } = answer.body as { id: string }
  expect(answer.headers['location']).toBe(`/api/v1/evaluations/${id}`)
  const cancelled = await server.alice.post(`/evaluations/${id}/cancel`)
  expect(cancelled.body).toMatchObject({ status: 'cancelled', verdict: null })
})

test('the log of an evaluation has every status in order and no gap, however short the program', async () => {
  const { id } = await server.judge(server.alice, 'short')
  const own = await server.database.query<{ seq: number; kind: string; status: string | null }>(
    'select seq::int, kind, status from evaluations.event where evaluation_id = $1 order by seq',
    [uuidOf(id)],
  )
  expect(own.map(({ seq }) => seq)).toEqual(own.map((_, index) => index + 1))
  expect(own.map(({ kind, status }) => status ?? kind)).toEqual([
    'submitted',
    'queued',
    'provisioning',
    'running',
    'run_started',
    'output',
    'run_finished',
    'completed',
    'finished',
  ])
})

test('what a verdict was made with is told with the load at start and end, whether both were written at once or apart', async () => {
  for (const code of ['quick', 'slow']) {
    const { id } = await server.judge(server.alice, code)
    expect((await server.read(server.alice, id)).environment).toMatchObject({
      engine: 'scripted',
      variables: { TZ: 'UTC' },
      reservation: { slots: 1, ofSlots: 64 },
      hostAtStart: { loadAverage: 0.5, stealMs: 10 },
      hostAtEnd: { loadAverage: 1.5, stealMs: 30 },
    })
  }
})

test('a result of before more was told of it is shown with null for what nobody knows', async () => {
  const { id } = await server.judge(server.alice, 'old')
  await server.database.query(
    `update evaluations.evaluation
        set environment = environment - '{imageDigest,limits,reservation,variables,hostAtStart,hostAtEnd}'::text[] || '{"loadAverage": 1}',
            result = (result - 'start') #- '{usage,ioReadBytes}' #- '{usage,ioWriteBytes}'
      where id = $1`,
    [uuidOf(id)],
  )
  expect(await server.read(server.alice, id)).toMatchObject({
    environment: { imageDigest: null, limits: null, reservation: null, variables: null, hostAtStart: null, hostAtEnd: null },
    result: { start: 'cold', usage: { ioReadBytes: null, ioWriteBytes: null } },
  })
})

test('an evaluation of another organization looks exactly like one that never existed', async () => {
  const theirs = await server.judge(server.bob, 'secret')
  const never = server.newId('evl')
  for (const path of ['', '/output', '/stream', '/cancel']) {
    const ask = (id: string) =>
      path === '/cancel' ? server.alice.post(`/evaluations/${id}${path}`) : server.alice.get(`/evaluations/${id}${path}`)
    const [foreign, unknown] = [await ask(theirs.id), await ask(never)]
    expect(foreign.status).toBe(404)
    expect({ ...(foreign.body as object), requestId: '', instance: '' }).toEqual({
      ...(unknown.body as object),
      requestId: '',
      instance: '',
    })
  }
})
