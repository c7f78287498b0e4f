import { batch as batchShape, createdBatch, type Evaluation } from '@crucible/contracts'
import { type EvaluationsHarness, evaluationsHarness, hungUp, playOut, started } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let server: EvaluationsHarness
let finishes: Promise<void>
let finish: () => void

beforeAll(async () => {
  finishes = new Promise((resolve) => {
    finish = resolve
  })
  server = await evaluationsHarness({
    async script(job) {
      if (job.code === 'hang') {
        job.emit(started)
        return hungUp(job)
      }
      if (job.code === 'held') await finishes
      playOut(job, '', job.code === 'wrong' ? 'wrong_answer' : 'accepted')
    },
  })
})
afterAll(() => server.close())

const evaluation = (code: string, more: object = {}) => ({ language: 'python', code, ...more })
const ndjson = { headers: { 'content-type': 'application/x-ndjson' } }
const lines = (items: readonly unknown[]) =>
  items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join('\n')

async function ended(id: string) {
  for (let tries = 0; tries < 3_000; tries++) {
    const batch = batchShape.parse((await server.alice.get(`/batches/${id}`)).body)
    if (batch.finishedAt !== null) return batch
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('the batch did not end')
}
const count = async () =>
  Number((await server.database.query<{ n: string }>('select count(*) as n from evaluations.evaluation'))[0]?.n)

test('an inline batch is judged, counted, and listed in the order sent', async () => {
  const answer = await server.alice.post('/batches', {
    name: 'mine',
    evaluations: ['a', 'wrong', 'b'].map((code) => evaluation(code)),
  })
  expect(answer.status).toBe(202)
  const created = createdBatch.parse(answer.body)
  expect(created).toMatchObject({ name: 'mine', total: 3, finished: 0 })
  expect(answer.headers['location']).toBe(`/api/v1/batches/${created.id}`)
  expect(await ended(created.id)).toMatchObject({
    finished: 3,
    byStatus: { completed: 3, queued: 0 },
    byVerdict: { accepted: 2, wrong_answer: 1 },
  })
  const items = (await server.alice.get(`/batches/${created.id}/items?limit=2`)).body as {
    data: Evaluation[]
    page: { nextCursor: string }
  }
  const rest = (await server.alice.get(`/batches/${created.id}/items?limit=2&cursor=${items.page.nextCursor}`))
    .body as typeof items
  expect([...items.data, ...rest.data].map(({ id }) => id)).toEqual(created.evaluations)
  const listed = (await server.alice.get(`/evaluations?batch=${created.id}`)).body as typeof items
  expect(listed.data).toHaveLength(3)
})

describe('lines', () => {
  test('ten thousand are stored before the reply, in order, with one audit row', async () => {
    const body = lines(
      Array.from({ length: 10_000 }, (_, i) => evaluation('same', { stdin: i % 7 === 0 ? String(i) : '', priority: 'low' })),
    )
    const answer = await server.alice.post('/batches?name=many', body, ndjson)
    expect(answer.status).toBe(202)
    const created = createdBatch.parse(answer.body)
    expect([created.total, created.evaluations.length, created.name]).toEqual([10_000, 10_000, 'many'])
    const [stored] = await server.database.query<{ n: string; ordinals: string }>(
      `select count(*) as n, count(distinct batch_ordinal) as ordinals from evaluations.evaluation e join evaluations.batch b on b.id = e.batch_id where b.name = 'many'`,
    )
    expect(stored).toMatchObject({ n: '10000', ordinals: '10000' })
    const audit = await server.database.query(`select 1 from audit.event where body->>'target' = $1`, [created.id])
    expect(audit).toHaveLength(1)
    const cancelled = batchShape.parse((await server.alice.post(`/batches/${created.id}/cancel`)).body)
    expect(cancelled.finished).toBe(10_000)
  })

  test('a bad line takes nothing of the batch in, and is named with each of its faults', async () => {
    const before = await count()
    const good = Array.from({ length: 7_000 }, () => evaluation('good'))
    const answer = await server.alice.post(
      '/batches',
      lines([...good, { ...evaluation('x'), limits: { wallMs: -1 }, colour: 'red' }, evaluation('y')]),
      ndjson,
    )
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_body', detail: expect.stringContaining('7001') } })
    const { errors } = answer.body as { errors: { pointer: string }[] }
    expect(errors.map(({ pointer }) => pointer)).toContain('/7000/limits/wallMs')
    expect(await count()).toBe(before)
  })

  test('a fault in an inline batch is pointed at where it stands in the body', async () => {
    const evaluations = [evaluation('a'), { language: 'cobol', code: '' }]
    const { body } = await server.alice.post('/batches', { evaluations })
    expect(body).toMatchObject({ code: 'unknown_runtime', errors: [{ pointer: '/evaluations/1/language' }] })
  })

  test.each([
    ['a line that is no JSON', [evaluation('a'), '{"language":'], 400, 'malformed_ndjson'],
    ['a line with an unknown language', [evaluation('a'), { language: 'cobol', code: '' }], 422, 'unknown_runtime'],
    ['a line over a maximum', [evaluation('a', { limits: { wallMs: 999_999_999 } })], 422, 'limit_exceeded'],
    ['no line', [], 422, 'invalid_body'],
    ['a line too many', Array.from({ length: 10_001 }, () => evaluation('a')), 413, 'body_too_large'],
  ])('%s: nothing is stored', async (_, items, status, code) => {
    const before = await count()
    expect(await server.alice.post('/batches', lines(items), ndjson)).toMatchObject({ status, body: { code } })
    expect(await count()).toBe(before)
  })

  test('with an Idempotency-Key are taken once', async () => {
    const send = (codes: string[]) =>
      server.alice.post('/batches', lines(codes.map((code) => evaluation(code))), {
        headers: { ...ndjson.headers, 'idempotency-key': 'batch-1' },
      })
    const first = createdBatch.parse((await send(['a', 'b'])).body)
    const again = await send(['a', 'b'])
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(createdBatch.parse(again.body)).toMatchObject({ id: first.id, evaluations: first.evaluations })
    expect(await send(['a', 'c'])).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
  })
})

test('cancelling a batch ends what runs and what waits, keeps what has ended, and may be repeated', async () => {
  const { id } = createdBatch.parse(
    (await server.alice.post('/batches', { evaluations: ['done', 'hang', 'hang'].map((code) => evaluation(code)) })).body,
  )
  for (let tries = 0; tries < 500; tries++) {
    const { byStatus } = batchShape.parse((await server.alice.get(`/batches/${id}`)).body)
    if (byStatus['completed'] === 1 && byStatus['running'] === 2) break
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  for (let i = 0; i < 2; i++) {
    expect(await server.alice.post(`/batches/${id}/cancel`)).toMatchObject({
      status: 200,
      body: { finished: 3, byStatus: { cancelled: 2, completed: 1 } },
    })
  }
})

test('following a batch shows its progress and ends with it', async () => {
  const { id } = createdBatch.parse(
    (await server.alice.post('/batches', { evaluations: Array.from({ length: 20 }, () => evaluation('held')) })).body,
  )
  const url = await server.listen()
  const response = await fetch(`${url}/api/v1/batches/${id}/stream`, { headers: { authorization: `Bearer ${server.alice.key}` } })
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes('progress')) finish()
  }
  const sent = [...text.matchAll(/^data: (.*)$/gm)].map(
    ([, data]) => JSON.parse(data ?? '') as { type: string; batch: { finished: number } },
  )
  expect(sent.at(-1)).toMatchObject({ type: 'finished', batch: { finished: 20, byVerdict: { accepted: 20 } } })
  expect(sent.slice(0, -1).every(({ type }) => type === 'progress')).toBe(true)
  const finished = sent.map(({ batch }) => batch.finished)
  expect(finished).toEqual([...finished].sort((a, b) => a - b))
})

test('a batch of another organization looks exactly like one that never existed', async () => {
  const theirs = createdBatch.parse((await server.bob.post('/batches', { evaluations: [evaluation('a')] })).body)
  for (const path of ['', '/items', '/stream'])
    expect((await server.alice.get(`/batches/${theirs.id}${path}`)).body).toMatchObject({ code: 'batch_not_found' })
  expect((await server.alice.post(`/batches/${theirs.id}/cancel`)).status).toBe(404)
})
