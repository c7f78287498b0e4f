import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { eventStream } from './sse.ts'

const never = () => {
  throw new Error('no fault was expected')
}

test('events are framed with id and name, and line breaks in data stay inside', async () => {
  const stream = eventStream(
    new AbortController().signal,
    async (sink) => {
      await sink.send({ id: 7, event: 'output', data: { text: 'a\n\nid: 8\r\n' } })
      await sink.send({ data: null })
    },
    never,
  )
  expect(await text(stream)).toBe('retry: 1000\n\nid: 7\nevent: output\ndata: {"text":"a\\n\\nid: 8\\r\\n"}\n\ndata: null\n\n')
})

test('a slow reader slows the writer: memory stays bounded', async () => {
  let sent = 0
  const stream = eventStream(
    new AbortController().signal,
    async (sink) => {
      for (; sent < 1_000; sent++) await sink.send({ data: 'x'.repeat(16 * 1024) })
    },
    never,
  )
  await new Promise(setImmediate)
  expect(sent).toBeLessThan(10)
  expect((await text(stream)).length).toBeGreaterThan(16 * 1024 * 1_000)
  expect(sent).toBe(1_000)
})

test('a client that goes away aborts the writer', async () => {
  const gone = Promise.withResolvers<void>()
  const stream = eventStream(
    new AbortController().signal,
    async (sink) => {
      await new Promise<void>((resolve) => sink.signal.addEventListener('abort', () => resolve()))
      gone.resolve()
    },
    never,
  )
  stream.resume().destroy()
  await gone.promise
})

test('a server that stops ends the stream', async () => {
  const stopping = new AbortController()
  const stream = eventStream(stopping.signal, () => new Promise(() => {}), never)
  const closed = new Promise((resolve) => stream.once('close', resolve))
  stopping.abort()
  await closed
})

test('a writer that fails breaks the stream off, and the fault is told', async () => {
  const fault = Promise.withResolvers<unknown>()
  const stream = eventStream(new AbortController().signal, async () => Promise.reject(new Error('database gone')), fault.resolve)
  const closed = new Promise((resolve) => stream.once('close', resolve))
  expect(await fault.promise).toEqual(new Error('database gone'))
  await closed
})
