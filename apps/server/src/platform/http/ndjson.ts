import { refuse } from '../refusal/index.ts'
import { parseJson } from './json.ts'

/** `index` counts from 0 over the lines that hold something; it is the first segment of every pointer into the body. */
export type NdjsonLine = { readonly index: number; readonly value: unknown }
export type NdjsonBounds = { readonly lineBytesMax: number; readonly totalBytesMax: number; readonly linesMax: number }

const newline = 0x0a

/** Reads a body line by line as it arrives; at most one line and one chunk are in memory. Blank lines are skipped. */
export async function* readNdjson(source: AsyncIterable<Uint8Array>, bounds: NdjsonBounds): AsyncGenerator<NdjsonLine> {
  let pieces: Uint8Array[] = []
  let lineBytes = 0
  let totalBytes = 0
  let index = 0
  const take = (): NdjsonLine | null => {
    const line = Buffer.concat(pieces)
    pieces = []
    lineBytes = 0
    if (line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)) return null
    if (index >= bounds.linesMax) throw refuse('body_too_large', { detail: `At most ${bounds.linesMax} lines.` })
    return { index, value: parseJson(line, 'malformed_ndjson', `/${index++}`) }
  }
  for await (const chunk of source) {
    totalBytes += chunk.byteLength
    if (totalBytes > bounds.totalBytesMax)
      throw refuse('body_too_large', { detail: `At most ${bounds.totalBytesMax} bytes in all.` })
    let start = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, at))
      start = at + 1
      const line = take()
      if (line !== null) yield line
    }
    add(chunk.subarray(start))
  }
  const last = take()
  if (last !== null) yield last

  function add(piece: Uint8Array) {
    lineBytes += piece.byteLength
    if (lineBytes > bounds.lineBytesMax)
      throw refuse('body_too_large', { detail: `Line ${index} is over ${bounds.lineBytesMax} bytes.` })
    if (piece.byteLength > 0) pieces.push(piece)
  }
}
