import { CrucibleUnexpectedReply, CrucibleUnreachable } from './errors.ts'
import { messagesOf } from './events.ts'
import { type Connection, open } from './request.ts'
import { delayBefore, isTransient } from './retry.ts'

export type FollowOptions = {
  readonly signal?: AbortSignal | undefined
  /** Events up to and including this one have been seen; 0 or nothing replays from the start. */
  readonly lastEventId?: number | undefined
  /** Silence after which a connection counts as dead. The server sends a heartbeat every 15 s. Default 45 s. */
  readonly idleMs?: number | undefined
  /** Tries in a row that bring nothing new. Default 8. */
  readonly retriesMax?: number | undefined
}

export type Followed<E> = { readonly id: number; readonly event: E }

type Source<E> = {
  readonly url: string
  /** undefined: an event that this version does not know, which is passed over. */
  readonly parse: (json: unknown) => E | undefined
  readonly isLast: (event: E) => boolean
  /** Numbered without gaps from 1; else each event says everything, and a missed one is no loss. */
  readonly isNumbered: boolean
}

const openMs = 30_000

/**
 * Every event once and in order, over as many connections as it takes, until the terminal one.
 * What the server sends again is dropped; a hole in the numbers means the connection is not to be trusted: it is
 * opened anew from the last event that was delivered.
 */
export async function* follow<E>(
  connection: Connection,
  source: Source<E>,
  options: FollowOptions = {},
): AsyncGenerator<Followed<E>> {
  const { signal, idleMs = 45_000, retriesMax = 8 } = options
  let last = options.lastEventId ?? 0
  for (let retry = 0; ; retry++) {
    const connectionOver = new AbortController()
    const stop = signal === undefined ? connectionOver.signal : AbortSignal.any([signal, connectionOver.signal])
    let trouble: unknown
    try {
      for await (const message of connect(connection, source.url, last, stop, idleMs)) {
        const id = idOf(message.id, source.isNumbered ? undefined : last)
        if (source.isNumbered && id <= last) continue
        if (source.isNumbered && id !== last + 1) throw new Hole(source.url, last, id)
        const event = source.parse(jsonOf(message.data))
        last = id
        retry = 0
        if (event === undefined) continue
        yield { id, event }
        if (source.isLast(event)) return
      }
      trouble = new CrucibleUnreachable(source.url, 'The stream ended before the evaluation did.')
    } catch (error) {
      signal?.throwIfAborted()
      if (!isTransient(error)) throw error
      trouble = error
    } finally {
      connectionOver.abort()
    }
    const delayMs = retry >= retriesMax ? null : delayBefore(retry, trouble, connection.timing.random)
    if (delayMs === null) throw trouble
    await connection.timing.pause(delayMs, signal ?? new AbortController().signal)
  }
}

async function* connect(connection: Connection, url: string, last: number, signal: AbortSignal, idleMs: number) {
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (last > 0) headers['last-event-id'] = String(last)
  const opening = new AbortController()
  const timer = setTimeout(() => opening.abort(), openMs)
  const deadline = { signal: AbortSignal.any([signal, opening.signal]), hasPassed: () => opening.signal.aborted }
  const response = await open(connection, { method: 'GET', url, headers, timeoutMs: openMs }, deadline).finally(() =>
    clearTimeout(timer),
  )
  if (response.body === null || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
    throw new CrucibleUnexpectedReply(response.status, 'The server answered with something other than a stream of events.')
  }
  try {
    yield* messagesOf(response.body, idleMs)
  } catch (cause) {
    if (cause instanceof CrucibleUnexpectedReply) throw cause
    throw new CrucibleUnreachable(url, `The stream broke off: ${cause instanceof Error ? cause.message : 'unknown'}.`, cause)
  }
}

class Hole extends CrucibleUnreachable {
  constructor(url: string, last: number, id: number) {
    super(url, `The stream went from event ${last} to ${id}.`)
  }
}

function idOf(text: string | undefined, otherwise: number | undefined): number {
  const id = text === undefined ? otherwise : Number(text)
  if (id !== undefined && Number.isSafeInteger(id)) return id
  throw new CrucibleUnexpectedReply(200, 'The stream has an event whose id is not a number.')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CrucibleUnexpectedReply(200, 'The stream has an event that is not JSON.', { cause })
  }
}
