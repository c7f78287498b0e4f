import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'

export type ServerEvent = { readonly id?: number | string; readonly event?: string; readonly data: unknown }
export type EventSink = {
  /** Resolves when the client's buffer has room again: await it, and a slow client slows the reader, not the memory. */
  send(event: ServerEvent): Promise<void>
  /** Aborted when the client went away, was too slow, or the server stops. */
  readonly signal: AbortSignal
}

const heartbeatMs = 15_000 // below the idle limits of common proxies (60 s), and soon enough to notice a dead peer
const stuckMs = 30_000
const bufferBytes = 64 * 1024

/** The body of an event stream: `produce` writes, the returned stream is the reply. Ends with it, or by `signal`. */
export function eventStream(
  signal: AbortSignal,
  produce: (sink: EventSink) => Promise<void>,
  onFault: (error: unknown) => void,
): Readable {
  const stream = new PassThrough({ highWaterMark: bufferBytes })
  const gone = new AbortController()
  const end = () => stream.destroy()
  signal.addEventListener('abort', end, { once: true })
  const heartbeat = setInterval(() => stream.writableLength === 0 && stream.write(': \n\n'), heartbeatMs)
  stream.once('close', () => {
    clearInterval(heartbeat)
    signal.removeEventListener('abort', end)
    gone.abort()
  })
  const sink: EventSink = {
    signal: gone.signal,
    async send(event) {
      if (stream.destroyed || stream.write(frame(event))) return
      // Not an error of anyone's: the client reconnects with Last-Event-ID and misses nothing.
      await once(stream, 'drain', { signal: AbortSignal.any([gone.signal, AbortSignal.timeout(stuckMs)]) }).catch(end)
    },
  }
  stream.write('retry: 1000\n\n') // sends the headers before there is anything to say
  produce(sink).then(
    () => stream.end(),
    (error: unknown) => {
      if (!gone.signal.aborted) onFault(error)
      stream.destroy()
    },
  )
  return stream
}

/** JSON has no raw line breaks, so one data line is always enough. */
const frame = ({ id, event, data }: ServerEvent) =>
  `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`
