/** The NDJSON stream of one job: output gathered into few lines, and a slow reader felt by the job. */
import type { ServerResponse } from 'node:http'
import type { JobEvent, JudgeEvent } from '@crucible/sandbox'

const gatherMs = 15 // a viewer does not notice, and a chatty program costs 66 writes a second instead of thousands
const gatherBytes = 32 * 1024

export type EventStream = {
  /** Its promise resolves when the reader has caught up, or has gone. It never rejects. */
  emit(event: JudgeEvent): void | Promise<void>
  end(last: Extract<JobEvent, { type: 'finished' | 'fault' }>): void
}

type Piece = { run: Extract<JudgeEvent, { type: 'output' }>['run']; stream: 'stdout' | 'stderr'; chunks: Uint8Array[] }

export function eventStream(response: ServerResponse): EventStream {
  let pieces: Piece[] = []
  let heldBytes = 0
  let timer: NodeJS.Timeout | null = null
  let waiting: Promise<void> | null = null // one for all who wait

  const flush = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const text = pieces.map(({ run, stream, chunks }) => {
      return line({ type: 'output', run, stream, base64: Buffer.concat(chunks).toString('base64') })
    })
    pieces = []
    heldBytes = 0
    if (text.length > 0) response.write(text.join(''))
  }
  const hold = ({ run, stream, chunk }: Extract<JudgeEvent, { type: 'output' }>) => {
    const last = pieces.at(-1)
    if (last?.run === run && last.stream === stream) last.chunks.push(chunk)
    else pieces.push({ run, stream, chunks: [chunk] })
    heldBytes += chunk.byteLength
    if (heldBytes >= gatherBytes) flush()
    else timer ??= setTimeout(flush, gatherMs)
  }

  return {
    emit(event) {
      if (response.destroyed) return
      if (event.type === 'output') hold(event)
      else {
        flush()
        response.write(line(event))
      }
      if (!response.writableNeedDrain) return
      waiting ??= caughtUp(response).finally(() => {
        waiting = null
      })
      return waiting
    },
    end(last) {
      flush()
      if (!response.destroyed) response.end(line(last))
    },
  }
}

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
