import { type EvaluationEvent, idOf } from '@crucible/contracts'
import { createClient } from '@crucible/sdk'
import { expect, test } from 'vitest'
import { createFollow, type OutputSink } from './follow.ts'

const id = idOf('evl', '01900000-0000-7000-8000-000000000001')
const output = (text: string): EvaluationEvent => ({ type: 'output', run: 'run', stream: 'stdout', base64: btoa(text) })
const status = (name: 'running' | 'queued', attempt = 1): EvaluationEvent => ({
  type: 'status',
  status: name,
  attempt,
  at: '2026-01-01T00:00:00.000Z',
})

/** The wire, scripted: each connection gets the events behind the one it says it has, and then stays open. */
function wire(events: readonly EvaluationEvent[]) {
  const asked: number[] = []
  const fetchEvents: typeof fetch = async (_, init) => {
    const last = Number(new Headers(init?.headers).get('last-event-id') ?? 0)
    asked.push(last)
    const text = events
      .map((event, index) => `id: ${index + 1}\ndata: ${JSON.stringify(event)}\n\n`)
      .slice(last)
      .join('')
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text))
        init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason))
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  return { asked, client: createClient({ baseUrl: 'http://crucible.test', apiKey: 'crk_x', fetch: fetchEvents }) }
}

function sink() {
  let text = ''
  const taken: OutputSink = {
    append: (_run, _stream, bytes) => (text += new TextDecoder().decode(bytes)),
    beginRun: (run) => (text += `[${run}]`),
    markCut: () => undefined,
    clear: () => (text = ''),
  }
  return { taken, text: () => text }
}

/** Listens until the snapshot is as wanted, then leaves. */
function until(follow: ReturnType<typeof createFollow>, isWanted: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const leave = follow.subscribe(() => {
      if (!isWanted()) return
      leave()
      resolve()
    })
  })
}

test('who leaves and comes back sees every event once', async () => {
  const { asked, client } = wire([status('running'), { type: 'run_started', run: 'run' }, output('one '), output('two')])
  const { taken, text } = sink()
  const follow = createFollow(client, id, taken)
  await until(follow, () => text().includes('one'))
  await until(follow, () => text().endsWith('two'))
  expect(text()).toBe('[run]one two')
  expect(asked).toHaveLength(2)
  expect(asked[1]).toBeGreaterThanOrEqual(3)
})

test('what a lost attempt wrote is void', async () => {
  const { client } = wire([
    status('running'),
    output('void'),
    { type: 'reset', attempt: 2 },
    status('running', 2),
    output('kept'),
  ])
  const { taken, text } = sink()
  const follow = createFollow(client, id, taken)
  await until(follow, () => text() === 'kept')
  expect(follow.snapshot()).toMatchObject({ isReset: true, attempt: 2, status: 'running' })
})

test('a refusal is kept for the screen to say', async () => {
  const client = createClient({
    baseUrl: 'http://crucible.test',
    fetch: async () =>
      Response.json(
        { type: 'x', title: 'No such evaluation.', status: 404, code: 'evaluation_not_found', requestId: 'req_1' },
        { status: 404, headers: { 'content-type': 'application/problem+json' } },
      ),
  })
  const follow = createFollow(client, id, sink().taken)
  await until(follow, () => follow.snapshot().connection === 'lost')
  expect(follow.snapshot().error).toMatchObject({ code: 'evaluation_not_found' })
})
