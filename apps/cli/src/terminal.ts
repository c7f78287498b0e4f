import type { Writable } from 'node:stream'
import { createStripper } from './control-sequences.ts'

/** Standard output or standard error of this process. */
export type Sink = {
  readonly isTTY: boolean
  readonly columns: number
  readonly write: (chunk: Uint8Array | string) => Promise<void>
}
export type Terminal = {
  readonly stdin: AsyncIterable<Uint8Array>
  readonly out: Sink
  readonly err: Sink
}

type TtyStream = Writable & { isTTY?: boolean; columns?: number }

/** Resolves when the reader took the chunk, so that a program that writes without end is never held in memory. */
export function sinkOf(stream: TtyStream): Sink {
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns || 80 // some terminals say 0
    },
    write: (chunk) =>
      new Promise((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(error) : resolve()))
      }),
  }
}

/** Program output: unchanged bytes to a pipe or file; to a terminal only what cannot take it over, unless `raw`. */
export function programSink(sink: Sink, raw: boolean): (bytes: Uint8Array) => Promise<void> {
  if (raw || !sink.isTTY) return sink.write
  const stripper = createStripper()
  return (bytes) => sink.write(stripper.strip(bytes))
}

export const line = (sink: Sink, text: string) => sink.write(`${text}\n`)
export const printJson = (sink: Sink, value: unknown) => sink.write(`${JSON.stringify(value)}\n`)
