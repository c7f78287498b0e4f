/** The executor as its caller sees it: real engine, real socket. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { executorStatus, type Job, type JobEvent, jobEvent } from '@crucible/sandbox'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { type Executor, startExecutor } from './executor.ts'

const token = 'a-token-of-sufficient-length'
const slots = 2
const directory = mkdtempSync(join(tmpdir(), 'crucible-executor-'))
const socketPath = join(directory, 'executor.sock')
const log = pino({ level: 'silent' })

let executor: Executor | undefined
beforeAll(async () => {
  writeFileSync(join(directory, 'token'), `${token}\n`, { mode: 0o600 })
  executor = await start(socketPath, 'state')
})
afterAll(async () => {
  await executor?.stop(0) // absent when it could not start, which is then the failure to read
  rmSync(directory, { recursive: true })
})

const start = (socket: string, state: string) =>
  startExecutor(
    readConfig([
      '--socket',
      socket,
      '--token-file',
      join(directory, 'token'),
      '--state',
      join(directory, state),
      '--slots',
      String(slots),
    ]),
    log,
    new AbortController().signal,
  )

const mebibyte = 2 ** 20
const limits = {
  wallMs: 20_000,
  cpuMs: 10_000,
  memoryBytes: 256 * mebibyte,
  processes: 32,
  outputBytes: 8 * mebibyte,
  diskBytes: 32 * mebibyte,
}
const jobOf = (code: string, given: Partial<Job> = {}): Job => ({
  attemptId: 'att_1',
  language: 'python',
  version: null,
  files: [{ path: 'main.py', content: code, encoding: 'utf8' }],
  entry: 'main.py',
  args: [],
  env: {},
  stdin: '',
  limits,
  compileLimits: limits,
  tests: [],
  stopAtFirstFailure: false,
  ...given,
})

type Answer = { readonly response: IncomingMessage; readonly events: AsyncGenerator<JobEvent>; hangUp(): void }
type Call = { path?: string; method?: string; authorization?: string | null; body?: string; socket?: string }

function call({
  path = '/jobs',
  method = 'POST',
  authorization = `Bearer ${token}`,
  body = '',
  socket = socketPath,
}: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = authorization === null ? {} : { authorization }
    const outgoing = request({ socketPath: socket, path, method, headers, agent: false }, (response) =>
      resolve({ response, events: eventsOf(response), hangUp: () => void outgoing.destroy() }),
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
const submit = (job: Job, socket = socketPath) => call({ body: JSON.stringify(job), socket })

async function* eventsOf(response: IncomingMessage): AsyncGenerator<JobEvent> {
  let held = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (held + chunk).split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) yield jobEvent.parse(JSON.parse(line))
  }
}
async function all({ events }: Answer): Promise<JobEvent[]> {
  const seen: JobEvent[] = []
  for await (const event of events) seen.push(event)
  return seen
}
const text = (events: readonly JobEvent[]) =>
  Buffer.concat(events.flatMap((event) => (event.type === 'output' ? [Buffer.from(event.base64, 'base64')] : []))).toString()

async function until(event: JobEvent['type'], { events }: Answer): Promise<void> {
  for (;;) {
    const next = await events.next()
    if (next.done) throw new Error(`the stream ended before ${event}`)
    if (next.value.type === event) return
  }
}
/** Polls what only the executor knows; bounded by the test's own deadline. */
async function untilIdle(): Promise<void> {
  while ((executor?.status().busy ?? 0) > 0) await new Promise((resolve) => setImmediate(resolve))
}

test.for([null, '', 'Bearer ', 'Bearer wrong', `Basic ${token}`, `bearer ${token}`, `Bearer ${token}x`])(
  'without the token nothing is answered: %j',
  async (authorization) => {
    for (const path of ['/status', '/jobs', '/nowhere']) {
      const { response } = await call({ path, method: path === '/jobs' ? 'POST' : 'GET', authorization, body: '{}' })
      expect(response.statusCode).toBe(401)
      response.resume()
    }
  },
)

test('the socket belongs to its owner alone', () => {
  expect(statSync(socketPath).mode & 0o777).toBe(0o600)
})

test('the status says what is isolated how, and what can be run', async () => {
  const { response } = await call({ path: '/status', method: 'GET' })
  let body = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) body += chunk
  const status = executorStatus.parse(JSON.parse(body))
  expect(status).toMatchObject({ engine: 'namespaces', slots, busy: 0 })
  expect(status.runtimes.map((runtime) => runtime.language)).toContain('python')
})

test('a job streams its events and ends with its judgement', async () => {
  const events = await all(await submit(jobOf('print("hello")')))
  expect(events.map((event) => event.type)).toEqual(['started', 'run_started', 'output', 'run_finished', 'finished'])
  expect(text(events)).toBe('hello\n')
  expect(events.at(-1)).toMatchObject({ judgement: { verdict: 'accepted', run: { exitCode: 0 } } })
})

test('output arrives while the program runs', async () => {
  const answer = await submit(jobOf('import time\nprint("first")\ntime.sleep(30)'))
  await until('output', answer) // long before the sleep is over
  answer.hangUp()
  await untilIdle()
})

test('a chatty program costs few lines, and loses none of its own', async () => {
  const events = await all(
    await submit(jobOf('import sys\nfor n in range(20000):\n    sys.stdout.write(f"{n}\\n")\n    sys.stdout.flush()')),
  )
  expect(text(events)).toBe(Array.from({ length: 20_000 }, (_, n) => `${n}\n`).join(''))
  expect(events.length).toBeLessThan(1000)
})

test('a reader that stops reading holds back the job, not the executor', async () => {
  const answer = await submit(jobOf('print("x" * 4_000_000)'))
  const other = await all(await submit(jobOf('print("meanwhile")')))
  expect(text(other)).toBe('meanwhile\n')
  expect(text(await all(answer)).length).toBe(4_000_001)
})

test('a caller that goes takes its job along', async () => {
  const answers = await Promise.all([1, 2].map(() => submit(jobOf('import time\nprint("up")\ntime.sleep(60)'))))
  for (const answer of answers) await until('output', answer)
  expect(executor?.status().busy).toBe(2)
  const third = await submit(jobOf('print(3)'))
  expect(third.response.statusCode).toBe(503)
  expect(await all(third)).toMatchObject([{ type: 'fault', code: 'busy' }])
  for (const answer of answers) answer.hangUp()
  await untilIdle()
  expect((await all(await submit(jobOf('print(4)')))).at(-1)).toMatchObject({ type: 'finished' })
})

test.for([
  ['no JSON', '{', 'invalid_job'],
  ['an empty job', '{}', 'invalid_job'],
  ['an unknown field', JSON.stringify({ ...jobOf(''), tenant: 'acme' }), 'invalid_job'],
  [
    'a path out of the directory',
    JSON.stringify(jobOf('', { files: [{ path: '../x', content: '', encoding: 'utf8' }] })),
    'invalid_job',
  ],
  ['an unknown language', JSON.stringify(jobOf('', { language: 'cobol' })), 'unknown_runtime'],
])('%s is a fault with a code, and the last line', async ([, body = '', code]) => {
  expect((await all(await call({ body }))).at(-1)).toMatchObject({ type: 'fault', code })
  await untilIdle()
})

test('a body over the bound is refused unread', async () => {
  const { response } = await call({ body: 'x'.repeat(17 * mebibyte) }).catch((error: NodeJS.ErrnoException) => {
    expect(['EPIPE', 'ECONNRESET']).toContain(error.code) // refused before we had sent it all
    return { response: null }
  })
  if (response !== null) expect(response.statusCode).toBe(413)
  response?.resume()
})

test('stopping refuses new jobs, ends those that do not end, and says so', async () => {
  const socket = join(directory, 'second.sock')
  const second = await start(socket, 'second')
  const answer = await submit(jobOf('import time\nprint("up")\ntime.sleep(60)'), socket)
  await until('output', answer)
  const stopped = second.stop(200)
  expect((await all(answer)).at(-1)).toMatchObject({ type: 'fault', code: 'shutting_down' })
  await stopped
  await expect(submit(jobOf(''), socket)).rejects.toMatchObject({ code: expect.stringMatching(/ENOENT|ECONNREFUSED/) })
})
