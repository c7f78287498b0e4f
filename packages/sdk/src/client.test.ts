import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Evaluation, type EvaluationId, statuses, verdicts } from '@crucible/contracts'
import { afterEach, expect, expectTypeOf, test } from 'vitest'
import { type Answer, hangUp, json, problem, scriptedServer } from '../../testkit/src/scripted-server.ts'
import type { Reply } from './calls.ts'
import { createClient } from './client.ts'
import { CrucibleProblem, CrucibleUnexpectedReply, CrucibleUnreachable } from './errors.ts'

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

async function playing(...answers: Answer[]) {
  const server = await scriptedServer(answers)
  stop = server.stop
  const pauses: number[] = []
  const timing = { random: () => 0.5, pause: async (ms: number) => void pauses.push(ms) }
  return { client: createClient({ baseUrl: `${server.url}/`, apiKey: 'crk_test', timing }), asked: server.asked, pauses }
}

const id: EvaluationId = 'evl_01jd3e5k9qf8s2t4v6w8x0y1z2'
const limits = { wallMs: 1000, cpuMs: 1000, memoryBytes: 1 << 26, processes: 8, outputBytes: 1000, diskBytes: 1 << 20 }
const evaluation: Evaluation = {
  id,
  project: 'prj_01jd3e5k9qf8s2t4v6w8x0y1z2',
  batch: null,
  status: 'completed',
  verdict: 'accepted',
  score: 1,
  language: 'python',
  runtime: 'python@3.11',
  requires: { isolation: 'none', engines: null },
  priority: 'normal',
  limits,
  tests: { total: 0, passed: null },
  isIsolated: true,
  attempts: 1,
  createdAt: '2026-11-20T10:00:00.000Z',
  startedAt: '2026-11-20T10:00:00.000Z',
  finishedAt: '2026-11-20T10:00:01.000Z',
  result: null,
  failure: null,
}
const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]))
const submission = { language: 'python', code: 'print(1)' }

test('a call puts parameters, query, body and key where the contract says', async () => {
  const { client, asked } = await playing(
    json(200, evaluation),
    json(200, { data: [], page: { nextCursor: null, hasMore: false } }),
  )
  await client.submitEvaluation({ body: submission, query: { wait: 5 } })
  await client.listEvaluations({ query: { status: ['queued', 'running'], limit: 5 } })
  expect(asked[0]).toMatchObject({
    url: '/api/v1/evaluations?wait=5',
    body: JSON.stringify(submission),
    headers: { authorization: 'Bearer crk_test' },
  })
  expect(asked[1]?.url).toBe('/api/v1/evaluations?status=queued%2Crunning&limit=5')
})

test('a parameter never reaches another path', async () => {
  const { client, asked } = await playing(problem(404, 'not_found'))
  await expect(client.getEvaluation({ params: { evaluation: '../me' as EvaluationId } })).rejects.toThrow()
  await expect(client.getEvaluation({ params: { evaluation: '..' as EvaluationId } })).rejects.toThrow(TypeError)
  expect(asked.map((each) => each.url)).toEqual(['/api/v1/evaluations/..%2Fme'])
})

test('a refusal is a CrucibleProblem with everything that the server said, and is not repeated', async () => {
  const { client, asked } = await playing(problem(422, 'invalid_body'))
  const error = await client.submitEvaluation({ body: submission }).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(CrucibleProblem)
  expect(error).toMatchObject({
    code: 'invalid_body',
    status: 422,
    detail: 'A detail.',
    requestId: 'req_1',
    errors: [{ pointer: '/code', detail: 'is odd' }],
  })
  expect(asked).toHaveLength(1)
})

test('a submission whose reply is lost is sent again under the same Idempotency-Key', async () => {
  const { client, asked } = await playing(hangUp, json(202, evaluation))
  expect((await client.submitEvaluation({ body: submission })).id).toBe(id)
  const keys = asked.map((each) => each.headers['idempotency-key'])
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  expect(keys).toEqual([keys[0], keys[0]])
})

test('two submissions never share a key', async () => {
  const { client, asked } = await playing(json(202, evaluation), json(202, evaluation))
  await client.submitEvaluation({ body: submission })
  await client.submitEvaluation({ body: submission })
  expect(asked[0]?.headers['idempotency-key']).not.toBe(asked[1]?.headers['idempotency-key'])
})

test('Retry-After is waited for, with jitter on top', async () => {
  const { client, pauses } = await playing(
    problem(503, 'queue_full', { 'retry-after': '3' }),
    problem(429, 'rate_limited'),
    json(202, evaluation),
  )
  await client.submitEvaluation({ body: submission })
  expect(pauses).toEqual([3125, 250])
})

test('retries are bounded, and the last answer is what is thrown', async () => {
  const full = problem(503, 'queue_full')
  const { client, asked } = await playing(full, full, full, full)
  await expect(client.submitEvaluation({ body: submission }, { retriesMax: 2 })).rejects.toMatchObject({ code: 'queue_full' })
  expect(asked).toHaveLength(3)
})

test('a server that asks for an hour is not waited for', async () => {
  const { client, asked } = await playing(problem(503, 'unavailable', { 'retry-after': '3600' }))
  await expect(client.me()).rejects.toMatchObject({ retryAfter: 3600 })
  expect(asked).toHaveLength(1)
})

test('a silent server meets the deadline', async () => {
  const { client } = await playing(() => undefined)
  await expect(client.me(undefined, { timeoutMs: 50 })).rejects.toBeInstanceOf(CrucibleUnreachable)
})

test('an abort is the caller’s own reason, during the call and during a pause', async () => {
  const { client } = await playing(() => undefined)
  const stop = new AbortController()
  const call = client.me(undefined, { signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(call).rejects.toThrow('enough')
})

test('nobody listening is unreachable, with the address in the sentence', async () => {
  const client = createClient({ baseUrl: 'http://127.0.0.1:1', timing: { pause: async () => undefined } })
  await expect(client.me()).rejects.toThrow(/127\.0\.0\.1:1/)
})

test('a page that is not ours is named as such', async () => {
  const { client } = await playing((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'))
  await expect(client.me()).rejects.toBeInstanceOf(CrucibleUnexpectedReply)
})

test('output is the bytes that were sent', async () => {
  const bytes = new Uint8Array(256).map((_, index) => index)
  const { client } = await playing((_, response) =>
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes),
  )
  expect(await client.readOutput({ params: { evaluation: id } })).toEqual(bytes)
})

test('a batch travels as one line each, and is repeated from its start', async () => {
  const created = {
    id: 'btc_01jd3e5k9qf8s2t4v6w8x0y1z2',
    project: evaluation.project,
    name: 'n',
    total: 3,
    finished: 0,
    byStatus: zeros(statuses),
    byVerdict: zeros(verdicts),
    createdAt: evaluation.createdAt,
    finishedAt: null,
    evaluations: [],
  }
  const { client, asked } = await playing(hangUp, json(202, created))
  const batch = await client.submitBatch(
    function* () {
      for (const n of [1, 2, 3]) yield { language: 'python', code: `print(${n})` }
    },
    { name: 'three prints' },
  )
  expect(batch.total).toBe(3)
  expect(asked.map((each) => each.body.trimEnd().split('\n').length)).toEqual([3, 3])
  expect(asked[1]).toMatchObject({
    url: '/api/v1/batches?name=three+prints',
    headers: { 'content-type': 'application/x-ndjson' },
  })
  expect(asked[0]?.headers['idempotency-key']).toBe(asked[1]?.headers['idempotency-key'])
})

test('lines that can be read once only are never sent twice', async () => {
  const { client, asked } = await playing(hangUp)
  const once = [submission].values()
  await expect(client.submitBatch(once)).rejects.toBeInstanceOf(CrucibleUnreachable)
  expect(asked).toHaveLength(1)
})

test('a failure of the lines themselves is not mistaken for the network', async () => {
  const { client } = await playing(json(202, {}))
  const lines = async function* () {
    yield submission
    throw new Error('line 2 is not JSON')
  }
  await expect(client.submitBatch(lines)).rejects.toThrow('line 2 is not JSON')
})

test('a setting that cannot be a server is named at once', () => {
  for (const baseUrl of ['localhost:3000', 'nonsense', 'http://user:secret@host'])
    expect(() => createClient({ baseUrl })).toThrow(TypeError)
})

test('a refusal in the middle of an upload ends the upload', async () => {
  let closed: Promise<unknown> | undefined
  const server = createServer((request, response) => {
    closed = new Promise((resolve) => request.socket.on('error', resolve).on('close', resolve))
    problem(422, 'invalid_body')(request, response) // and the body is never read
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = createClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }) // listening on TCP
  let isEnded = false
  const endless = function* () {
    try {
      while (true) yield { language: 'python', code: 'x'.repeat(10_000) }
    } finally {
      isEnded = true
    }
  }
  await expect(client.submitBatch(endless)).rejects.toMatchObject({ code: 'invalid_body' })
  await closed
  expect(isEnded).toBe(true)
  server.close()
})

test('types follow the contract, as the type check sees', () => {
  const client = createClient({ baseUrl: 'http://127.0.0.1:1' })
  expectTypeOf<Reply<'submitEvaluation'>>().toEqualTypeOf<Evaluation>()
  expectTypeOf<Reply<'readOutput'>>().toEqualTypeOf<Uint8Array<ArrayBuffer>>()
  expectTypeOf(client.me).toBeCallableWith()
  // @ts-expect-error an evaluation needs its id
  void (() => client.getEvaluation())
  // @ts-expect-error a batch is no evaluation
  void (() => client.getEvaluation({ params: { evaluation: 'btc_1' } }))
  // @ts-expect-error there is no such status
  void (() => client.listEvaluations({ query: { status: ['done'] } }))
  // @ts-expect-error there is no such field
  void (() => client.submitEvaluation({ body: { language: 'python', cod: '' } }))
  expect(client).not.toHaveProperty('streamEvaluation')
})
