import type { Evaluation } from '@crucible/contracts'
import { type EvaluationsHarness, evaluationsHarness, playOut } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: EvaluationsHarness
const submission = { language: 'python', code: '1' }
const stored = async () => {
  const [row] = await server.database.query<{ n: number }>(
    `select (select count(*) from evaluations.evaluation) + (select count(*) from evaluations.source) + (select count(*) from evaluations.batch)
       + (select count(*) from evaluations.event) + (select count(*) from audit.event) + (select count(*) from evaluations.idempotency_key) as n`,
  )
  return Number(row?.n)
}

beforeAll(async () => {
  server = await evaluationsHarness({ queuedMax: 5, hasWorker: false, script: playOut })
})
afterAll(() => server.close())

test('a full queue refuses with 503 and Retry-After, stores nothing, and takes again when there is room', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => server.alice.post('/evaluations', submission)))
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(5)
  const before = await stored()
  const refused = [
    await server.alice.post('/evaluations', { ...submission, code: 'never seen' }, { headers: { 'idempotency-key': 'x' } }),
    await server.bob.post('/evaluations', submission),
    await server.alice.post('/batches', { evaluations: [submission] }),
  ]
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'queue_full' } })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  }
  expect(await stored()).toBe(before)

  const worker = await server.startWorker()
  const [id] = answers.flatMap(({ status, body }) => (status === 202 ? [(body as Evaluation).id] : []))
  if (id === undefined) throw new Error('none was taken')
  await server.reaches(server.alice, id, 'completed')
  expect((await server.alice.post('/evaluations?wait=30', submission)).status).toBe(200)
  await worker.stop(AbortSignal.timeout(5_000))
})
