import type { EvaluationEvent } from '@crucible/contracts'
import {
  type EvaluationsHarness,
  evaluationsHarness,
  judgement,
  playOut,
  runResult,
  type ScriptedJob,
  started,
} from '@crucible/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

let server: EvaluationsHarness
let url: string
let waiting: ((job: ScriptedJob) => void)[] = []
const held: ScriptedJob[] = []

beforeAll(async () => {
  server = await evaluationsHarness({
    async script(job) {
      if (job.code !== 'held') return playOut(job, job.code)
      const ended = new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()))
      held.push(job)
      waiting.shift()?.(job)
      await ended
    },
  })
  url = await server.listen()
})
afterAll(() => server.close())
beforeEach(() => {
  waiting = []
})

type Sent = { id: number; event: EvaluationEvent }

/** Reads events from a real connection; `until` cuts it off. */
async function follow(
  path: string,
  lastEventId: number | null,
  until: (event: EvaluationEvent) => boolean = () => false,
): Promise<Sent[]> {
  const response = await fetch(`${url}/api/v1${path}`, {
    headers: {
      authorization: `Bearer ${server.alice.key}`,
      ...(lastEventId === null ? {} : { 'last-event-id': String(lastEventId) }),
    },
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch('text/event-stream')
  const sent: Sent[] = []
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const frame = text.slice(0, end)
      text = text.slice(end + 2)
      const data = /^data: (.*)$/m.exec(frame)?.[1]
      if (data === undefined) continue
      const event = JSON.parse(data) as EvaluationEvent
      sent.push({ id: Number(/^id: (\d+)$/m.exec(frame)?.[1]), event })
      if (until(event)) return sent // leaving the loop closes the connection
    }
  }
  return sent
}

const output = (job: ScriptedJob, text: string) =>
  job.emit({ type: 'output', run: 'run', stream: 'stdout', base64: Buffer.from(text).toString('base64') })
const isOutput = (text: string) => (event: EvaluationEvent) =>
  event.type === 'output' && Buffer.from(event.base64, 'base64').toString().endsWith(text)

test('a finished evaluation is replayed whole, in order, with numbers from 1 without gap', async () => {
  const { id } = await server.judge(server.alice, 'hello')
  const sent = await follow(`/evaluations/${id}/stream`, null)
  expect(sent.map(({ id }) => id)).toEqual(sent.map((_, index) => index + 1))
  expect(sent.map(({ event }) => (event.type === 'status' ? event.status : event.type))).toEqual([
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
  expect(sent.at(-1)?.event).toMatchObject({ type: 'finished', evaluation: { id, verdict: 'accepted' } })
})

test('wherever a reader is cut off, it resumes without loss or repetition', async () => {
  const { id } = await server.judge(server.alice, 'hello')
  const whole = await follow(`/evaluations/${id}/stream`, null)
  for (const { id: seen } of whole) {
    expect(await follow(`/evaluations/${id}/stream`, seen)).toEqual(whole.slice(seen))
  }
})

test('output is seen while the program runs, and a reader that comes back misses none of it', async () => {
  const taken = new Promise<ScriptedJob>((resolve) => waiting.push(resolve))
  const { id } = await server.submit(server.alice, 'held')
  const job = await taken
  const first = follow(`/evaluations/${id}/stream`, null, isOutput('one'))
  job.emit(started)
  job.emit({ type: 'run_started', run: 'run' })
  output(job, 'one')
  const seen = await first
  output(job, 'two')
  const second = await follow(`/evaluations/${id}/stream`, seen.at(-1)?.id ?? 0, isOutput('two'))
  output(job, 'three')
  const last = follow(`/evaluations/${id}/stream`, second.at(-1)?.id ?? 0)
  job.emit({ type: 'finished', judgement: judgement('accepted', runResult(0, 11)) })
  const all = [...seen, ...second, ...(await last)]
  expect(all.map(({ id }) => id)).toEqual(all.map((_, index) => index + 1))
  const written = all.flatMap(({ event }) => (event.type === 'output' ? [Buffer.from(event.base64, 'base64').toString()] : []))
  expect(written.join('')).toBe('onetwothree')
})

test('a key holds at most ten streams open', async () => {
  const taken = new Promise<ScriptedJob>((resolve) => waiting.push(resolve))
  const { id } = await server.submit(server.alice, 'held')
  const job = await taken
  const gone = new AbortController()
  const ask = () =>
    fetch(`${url}/api/v1/evaluations/${id}/stream`, {
      headers: { authorization: `Bearer ${server.alice.key}` },
      signal: gone.signal,
    })
  const open = await Promise.all(Array.from({ length: 10 }, ask))
  expect(open.map(({ status }) => status)).toEqual(Array(10).fill(200))
  const refused = await ask()
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([429, 'too_many_streams'])
  job.emit(started)
  job.emit({ type: 'finished', judgement: judgement('accepted') })
  await Promise.all(open.map((response) => response.text())) // each ends with the evaluation
  expect((await ask()).status).toBe(200)
  gone.abort()
})
