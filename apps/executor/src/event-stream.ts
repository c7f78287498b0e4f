/** The NDJSON stream of one job: its events gathered into few writes, and a slow reader felt by the job. */
import type { ServerResponse } from 'node:http'
import type { JobEvent, JudgeEvent } from '@crucible/sandbox'

const gatherMs = 15 // a viewer does not notice; a chatty program costs 66 writes a second, and a short one a single write
const gatherBytes = 32 * 1024
const lineBytesAbout = 512 // of an event that is no output

export type EventStream = {
  /** Its promise resolves when the reader has caught up, or has gone. It never rejects. */
  emit(event: JudgeEvent): void | Promise<void>
  end(last: Extract<JobEvent, { type: 'finished' | 'fault' }>): void
}

type OutputEvent = Extract<JudgeEvent, { type: 'output' }>
type Piece =
  | {
      readonly type: 'output'
      readonly run: OutputEvent['run']
      readonly stream: 'stdout' | 'stderr'
      readonly chunks: Uint8Array[]
    }
  | { readonly type: 'line'; readonly text: string }

export function eventStream(response: ServerResponse): EventStream {
  let pieces: Piece[] = []
  let heldBytes = 0
  let timer: NodeJS.Timeout | null = null
  let waiting: Promise<void> | null = null // one for all who wait

  const take = (): string => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const text = pieces.map(textOf).join('')
    pieces = []
    heldBytes = 0
    return text
  }
  const flush = () => {
    const text = take()
    if (text !== '') response.write(text)
  }
  const hold = (event: JudgeEvent) => {
    const last = pieces.at(-1)
    if (event.type !== 'output') pieces.push({ type: 'line', text: line(event) })
    else if (last?.type === 'output' && last.run === event.run && last.stream === event.stream) last.chunks.push(event.chunk)
    else pieces.push({ type: 'output', run: event.run, stream: event.stream, chunks: [event.chunk] })
    heldBytes += event.type === 'output' ? event.chunk.byteLength : lineBytesAbout
    if (heldBytes >= gatherBytes) flush()
    else timer ??= setTimeout(flush, gatherMs)
  }

  return {
    emit(event) {
      if (response.destroyed) return
      hold(event)
      if (!response.writableNeedDrain) return
      waiting ??= caughtUp(response).finally(() => {
        waiting = null
      })
      return waiting
    },
    end(last) {
      const text = take()
      if (!response.destroyed) response.end(text + line(last))
    },
  }
}

const textOf = (piece: Piece): string =>
  piece.type === 'line'
    ? piece.text
    : line({ type: 'output', run: piece.run, stream: piece.stream, base64: Buffer.concat(piece.chunks).toString('base64') })

export const line = (event: JobEvent) => `${JSON.stringify(event)}\n`

function caughtUp(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
