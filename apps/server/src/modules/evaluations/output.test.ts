import { type EvaluationsHarness, evaluationsHarness, hungUp, judgement, runResult, started } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: EvaluationsHarness
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
/** Every byte value, more than one stored chunk of it. */
const binary = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256))
const text = Buffer.from('errors\n')

beforeAll(async () => {
  server = await evaluationsHarness({
    async script(job) {
      job.emit(started)
      job.emit({ type: 'run_started', run: 'run' })
      job.emit({ type: 'output', run: 'run', stream: 'stdout', base64: base64(binary.subarray(0, 60_000)) })
      job.emit({ type: 'output', run: 'run', stream: 'stderr', base64: base64(text) })
      job.emit({ type: 'output', run: 'run', stream: 'stdout', base64: base64(binary.subarray(60_000)) })
      if (job.code === 'hang') await hungUp(job)
      else job.emit({ type: 'finished', judgement: judgement('accepted', runResult(0, binary.byteLength, text.byteLength)) })
    },
  })
})
afterAll(() => server.close())

async function bytes(path: string): Promise<Buffer> {
  const response = await server.app.inject({
    method: 'GET',
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${server.alice.key}` },
  })
  expect(response.statusCode).toBe(200)
  return response.rawPayload
}

test('the bytes are the program’s own, per stream and in the order of their writing', async () => {
  const { id } = await server.judge(server.alice, 'all')
  expect((await bytes(`/evaluations/${id}/output?stream=stdout`)).equals(binary)).toBe(true)
  expect((await bytes(`/evaluations/${id}/output?stream=stderr`)).equals(text)).toBe(true)
  const both = Buffer.concat([binary.subarray(0, 60_000), text, binary.subarray(60_000)])
  expect((await bytes(`/evaluations/${id}/output`)).equals(both)).toBe(true)
  for (const [offset, limit] of [
    [0, 1],
    [59_999, 10],
    [32_767, 2],
    [100_000, 50_000],
    [both.length - 1, 10],
    [both.length, 10],
  ] as const) {
    const part = await bytes(`/evaluations/${id}/output?offset=${offset}&limit=${limit}`)
    expect(part.equals(both.subarray(offset, offset + limit))).toBe(true)
  }
  const answer = await server.alice.get(`/evaluations/${id}/output?limit=10`)
  expect(answer.headers).toMatchObject({ 'crucible-output-bytes': String(both.length), 'crucible-output-more': 'true' })
  const whole = await server.alice.get(`/evaluations/${id}/output`)
  expect(whole.headers['crucible-output-more']).toBe('false')
})

test('an offset behind the end is refused', async () => {
  const { id } = await server.judge(server.alice, 'all')
  const answer = await server.alice.get(`/evaluations/${id}/output?stream=stderr&offset=8`)
  expect(answer).toMatchObject({ status: 416, body: { code: 'range_not_satisfiable' } })
})

test('it can be read while the program runs, says that more may come, and outlives a cancel', async () => {
  const { id } = await server.submit(server.alice, 'hang')
  await server.reaches(server.alice, id, 'running')
  let running = await server.alice.get(`/evaluations/${id}/output?stream=stderr`)
  for (let tries = 0; running.text === '' && tries < 200; tries++)
    running = await server.alice.get(`/evaluations/${id}/output?stream=stderr`)
  expect(running).toMatchObject({ text: 'errors\n', headers: { 'crucible-output-more': 'true' } })
  await server.alice.post(`/evaluations/${id}/cancel`)
  const after = await server.alice.get(`/evaluations/${id}/output?stream=stderr`)
  expect(after).toMatchObject({ text: 'errors\n', headers: { 'crucible-output-more': 'false' } })
})
