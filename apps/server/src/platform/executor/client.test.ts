import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JobEvent } from '@crucible/sandbox/spec'
import { playOut, scriptedExecutor } from '@crucible/testkit'
import { afterEach, expect, test } from 'vitest'
import { createExecutorClient } from './client.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function clientOf(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  const client = createExecutorClient({ address: { host: '127.0.0.1', port }, token: 't' })
  open.push(() => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  return client
}
const never = new AbortController().signal
async function collect(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const all: JobEvent[] = []
  for await (const event of events) all.push(event)
  return all
}
const fault = { type: 'fault', code: 'busy', detail: 'full' }

test('reads status and events over a unix socket, and reuses the connection', async () => {
  const executor = await scriptedExecutor((job) => playOut(job, 'hi'))
  open.push(executor.stop)
  const client = createExecutorClient({ address: { socketPath: executor.socketPath }, token: executor.token })
  open.push(client.close)
  expect(await client.status(never)).toMatchObject({ name: 'scripted', slots: 64 })
  const job = Buffer.from(JSON.stringify({ attemptId: 'a', files: [{ content: '' }] }))
  for (let i = 0; i < 3; i++)
    expect((await collect(client.run(job, never))).map(({ type }) => type)).toEqual([
      'started',
      'run_started',
      'output',
      'run_finished',
      'finished',
    ])
})

test('an event that is cut anywhere into chunks is the same event', async () => {
  const line = Buffer.from(`${JSON.stringify({ ...fault, detail: 'ä💥' })}\n`)
  for (let at = 1; at < line.length; at += 3) {
    const client = await clientOf((_, response) => {
      response.write(line.subarray(0, at), () => setImmediate(() => response.end(line.subarray(at))))
    })
    expect(await collect(client.run(Buffer.from('{}'), never))).toEqual([{ ...fault, detail: 'ä💥' }])
  }
})

test('a job that is turned away with a fault of its own under another status is that fault', async () => {
  const client = await clientOf((_, response) => {
    response.writeHead(503, { 'content-type': 'application/x-ndjson' }).end(`${JSON.stringify(fault)}\n`)
  })
  expect(await collect(client.run(Buffer.from('{}'), never))).toEqual([fault])
})

test.each([
  ['answers without taking the job', (_: unknown, response: ServerResponse) => response.writeHead(401).end(), 'unreachable'],
  ['hangs up before it answers', (request: IncomingMessage) => request.socket.destroy(), 'lost'],
  [
    'ends its stream early',
    (_: unknown, response: ServerResponse) => response.end('{"type":"run_started","run":"run"}\n'),
    'lost',
  ],
  ['sends no JSON', (_: unknown, response: ServerResponse) => response.end('hello\n'), 'lost'],
  ['sends an event that does not exist', (_: unknown, response: ServerResponse) => response.end('{"type":"bribe"}\n'), 'lost'],
  [
    'sends a line without end',
    (_: unknown, response: ServerResponse) => response.end(Buffer.alloc(17 * 1024 * 1024, 'x')),
    'lost',
  ],
] as const)('an executor that %s is told apart from a program that fails', async (_, answer, kind) => {
  const client = await clientOf(answer)
  await expect(collect(client.run(Buffer.from('{}'), never))).rejects.toMatchObject({ name: 'ExecutorFault', kind })
})

test('one that nobody runs is unreachable', async () => {
  const client = createExecutorClient({ address: { socketPath: '/nonexistent/socket' }, token: 't' })
  await expect(collect(client.run(Buffer.from('{}'), never))).rejects.toMatchObject({ kind: 'unreachable' })
})

test('aborting hangs up, which is how an executor learns of a cancel', async () => {
  const hungUp = Promise.withResolvers<void>()
  const client = await clientOf((_, response) => {
    response.once('close', () => hungUp.resolve())
    response.write('{"type":"run_started","run":"run"}\n')
  })
  const stop = new AbortController()
  const events = client.run(Buffer.from('{}'), stop.signal)
  await events.next()
  const next = events.next()
  stop.abort()
  await expect(next).rejects.toThrow()
  await hungUp.promise
})
