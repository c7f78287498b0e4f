import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** One event holds at most a chunk of output in base64; anything larger is not our server. */
const bufferCharactersMax = 16 * 1024 * 1024

/**
 * The messages of one connection, until it ends. Throws when nothing at all, not even a heartbeat, came for `idleMs`:
 * a connection that a proxy forgot looks open for hours.
 */
export async function* messagesOf(body: ReadableStream<Uint8Array>, idleMs: number): AsyncGenerator<EventSourceMessage> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const ready: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => ready.push(message), maxBufferSize: bufferCharactersMax })
  try {
    while (true) {
      const { done, value } = await within(idleMs, reader.read())
      if (done) return // an unfinished message at the end is dropped: the server will send it again
      parser.feed(decoder.decode(value, { stream: true }))
      yield* ready.splice(0)
    }
  } finally {
    // Not awaited: cancelling a dead connection may itself never answer.
    reader.cancel().catch(() => undefined)
  }
}

export class SilentStream extends Error {
  override readonly name = 'SilentStream'
}

function within<T>(ms: number, step: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new SilentStream(`nothing arrived for ${ms} ms`)), ms)
    step.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
