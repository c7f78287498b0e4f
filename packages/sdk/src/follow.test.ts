import { type Evaluation, type EvaluationId, statuses, verdicts } from '@crucible/contracts'
import { afterEach, expect, test } from 'vitest'
import { type Answer, problem, scriptedServer, events as stream } from '../../testkit/src/scripted-server.ts'
import { createClient } from './client.ts'

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
const event = (n: number, body: unknown) => `id: ${n}\nevent: x\ndata: ${JSON.stringify(body)}\n\n`
const output = (n: number, text: string) => event(n, { type: 'output', run: 'run', stream: 'stdout', base64: btoa(text) })
const finished = (n: number) => event(n, { type: 'finished', evaluation })
async function followed(client: ReturnType<typeof createClient>, options = {}) {
  const seen: string[] = []
  for await (const { id, event } of client.followEvaluation(evaluation.id, options)) {
    seen.push(event.type === 'output' ? `${id}:${atob(event.base64)}` : `${id}:${event.type}`)
  }
  return seen
}

test('a stream that is cut in the middle of an event goes on after the last whole one', async () => {
  const { client, asked } = await playing(
    stream(`${output(1, 'a')}${output(2, 'b')}${output(3, 'c').slice(0, 30)}`, 'cut'),
    stream(output(3, 'c') + finished(4)),
  )
  expect(await followed(client)).toEqual(['1:a', '2:b', '3:c', '4:finished'])
  expect(asked.map((each) => each.headers['last-event-id'])).toEqual([undefined, '2'])
})

test('a stream that ends early, without an error, goes on as well', async () => {
  const { client } = await playing(stream(output(1, 'a')), stream(output(2, 'b') + finished(3)))
  expect(await followed(client)).toEqual(['1:a', '2:b', '3:finished'])
})

test('what is sent twice is delivered once', async () => {
  const { client } = await playing(
    stream(output(1, 'a') + output(1, 'a') + output(2, 'b'), 'cut'),
    stream(output(1, 'a') + output(2, 'b') + finished(3)),
  )
  expect(await followed(client)).toEqual(['1:a', '2:b', '3:finished'])
})

test('a hole in the numbers is fetched, not skipped', async () => {
  const { client, asked } = await playing(
    stream(output(1, 'a') + output(3, 'c')),
    stream(output(2, 'b') + output(3, 'c') + finished(4)),
  )
  expect(await followed(client)).toEqual(['1:a', '2:b', '3:c', '4:finished'])
  expect(asked[1]?.headers['last-event-id']).toBe('1')
})

test('a hole that stays is an error, never a silent loss', async () => {
  const holed = stream(output(2, 'b'))
  const { client } = await playing(holed, holed, holed)
  await expect(followed(client, { retriesMax: 2 })).rejects.toThrow('from event 0 to 2')
})

test('a connection that falls silent is replaced', async () => {
  const { client, asked } = await playing(stream(output(1, 'a'), 'stall'), stream(finished(2)))
  expect(await followed(client, { idleMs: 50 })).toEqual(['1:a', '2:finished'])
  expect(asked[1]?.headers['last-event-id']).toBe('1')
})

test('a heartbeat keeps a quiet stream open', async () => {
  const { client, asked } = await playing((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let beats = 0
    const timer = setInterval(() => {
      if (++beats < 8) return response.write(': heartbeat\n\n')
      clearInterval(timer)
      return response.end(finished(1))
    }, 25)
  })
  expect(await followed(client, { idleMs: 150 })).toEqual(['1:finished'])
  expect(asked).toHaveLength(1)
})

test('following starts after the event that was named', async () => {
  const { client, asked } = await playing(stream(finished(8)))
  expect(await followed(client, { lastEventId: 7 })).toEqual(['8:finished'])
  expect(asked[0]?.headers['last-event-id']).toBe('7')
})

test('an event of a type from the future is passed over', async () => {
  const { client } = await playing(stream(event(1, { type: 'applause' }) + finished(2)))
  expect(await followed(client)).toEqual(['2:finished'])
})

test('an evaluation that does not exist is not asked for again', async () => {
  const { client, asked } = await playing(problem(404, 'evaluation_not_found'))
  await expect(followed(client)).rejects.toMatchObject({ code: 'evaluation_not_found' })
  expect(asked).toHaveLength(1)
})

test('breaking out of a loop closes the connection', async () => {
  let closed: Promise<void> | undefined
  const { client } = await playing((request, response) => {
    closed = new Promise((resolve) => request.socket.on('close', () => resolve()))
    stream(output(1, 'a'), 'stall')(request, response)
  })
  for await (const _ of client.followEvaluation(id)) break
  await closed
})

test('an abort ends the following with the caller’s reason', async () => {
  const { client } = await playing(stream(output(1, 'a'), 'stall'))
  const stop = new AbortController()
  const following = (async () => {
    for await (const _ of client.followEvaluation(id, { signal: stop.signal })) stop.abort(new Error('enough'))
  })()
  await expect(following).rejects.toThrow('enough')
})

test('a batch is followed by its counts, over a cut, until it is finished', async () => {
  const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]))
  const batch = (finished: number) => ({
    id: 'btc_01jd3e5k9qf8s2t4v6w8x0y1z2',
    project: evaluation.project,
    name: '',
    total: 2,
    finished,
    byStatus: zeros(statuses),
    byVerdict: zeros(verdicts),
    createdAt: evaluation.createdAt,
    finishedAt: null,
  })
  const frame = (type: string, finished: number) => `data: ${JSON.stringify({ type, batch: batch(finished) })}\n\n`
  const { client, asked } = await playing(
    stream(frame('progress', 0), 'cut'),
    stream(frame('progress', 0) + frame('progress', 1) + frame('finished', 2)),
  )
  const seen: number[] = []
  for await (const { batch: counts } of client.followBatch('btc_01jd3e5k9qf8s2t4v6w8x0y1z2')) seen.push(counts.finished)
  expect(seen).toEqual([0, 0, 1, 2])
  expect(asked[1]?.headers['last-event-id']).toBeUndefined()
})
