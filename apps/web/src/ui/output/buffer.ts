import { carry } from './styled.ts'

/**
 * What the screen keeps of a program's output: rows in arrival order, each of one stream, bounded in bytes and in rows.
 * When a bound is reached the oldest rows go and are counted, so that a flood costs the reader's browser nothing.
 */
export const bufferBytesMax = 2 * 1024 * 1024
export const bufferRowsMax = 50_000
/** A longer line is shown as several rows: a row is what a browser has to lay out at once. */
export const rowCharactersMax = 2_000

export type Stream = 'stdout' | 'stderr'
export type OutputRow = {
  /** Stays with the row while older ones go. */
  readonly key: number
  readonly kind: 'output'
  readonly stream: Stream
  readonly run: string
  text: string
  /** Where the row begins in its stream, in bytes. */
  readonly at: number
  bytes: number
  /** Colours in force where the row begins. */
  readonly carried: string
  /** Whether a line feed ended it: else the same line goes on below, or never ended. */
  isEnded: boolean
}
export type NoteRow =
  | { readonly key: number; readonly kind: 'run'; readonly run: string }
  | { readonly key: number; readonly kind: 'cut'; readonly stream: Stream; readonly omittedBytes: number }
export type Row = OutputRow | NoteRow

type Cut = { readonly stdout: Hole | null; readonly stderr: Hole | null }
type Hole = { readonly headBytes: number; readonly omittedBytes: number }
type Side = { decoder: TextDecoder; at: number; carried: string; open: OutputRow | null }

export type OutputBuffer = {
  readonly append: (run: string, stream: Stream, bytes: Uint8Array) => void
  readonly beginRun: (run: string) => void
  /** Marks what the platform left out between head and tail of a run. */
  readonly markCut: (run: string, cut: Cut) => void
  readonly clear: () => void
  readonly subscribe: (changed: () => void) => () => void
  /** A new object after every change: what React compares. */
  readonly snapshot: () => Snapshot
}
export type Snapshot = {
  readonly rows: readonly Row[]
  readonly droppedBytes: number
  readonly bytes: number
  readonly hasStderr: boolean
}

export function createOutputBuffer(bounds = { bytesMax: bufferBytesMax, rowsMax: bufferRowsMax }): OutputBuffer {
  let rows: Row[] = []
  let sides = new Map<string, Side>()
  let bytes = 0
  let rowsMade = 0
  let droppedBytes = 0
  let hasStderr = false
  let current: Snapshot = { rows, droppedBytes, bytes, hasStderr }
  const listeners = new Set<() => void>()

  const changed = () => {
    current = { rows, droppedBytes, bytes, hasStderr }
    for (const listener of listeners) listener()
  }

  const sideOf = (run: string, stream: Stream): Side => {
    const key = `${stream} ${run}`
    const known = sides.get(key)
    if (known !== undefined) return known
    const side: Side = { decoder: new TextDecoder(), at: 0, carried: '', open: null }
    sides.set(key, side)
    return side
  }

  const close = (side: Side) => {
    if (side.open === null) return
    side.carried = carry(side.open.text, side.open.carried)
    side.open = null
  }

  /** One piece without a line feed except perhaps at its end. */
  const add = (run: string, stream: Stream, side: Side, piece: Uint8Array) => {
    const isEnded = piece.at(-1) === lineFeed
    let text = side.decoder.decode(piece, { stream: true })
    if (isEnded) text = text.replace(/\r?\n$/, '')
    // Another stream wrote in between, or a row is full: what follows starts a row of its own, so that order stays true.
    const last = rows.at(-1)
    if (side.open !== null && (last !== side.open || side.open.text.length + text.length > rowCharactersMax)) close(side)
    if (side.open === null) {
      side.open = {
        key: rowsMade++,
        kind: 'output',
        stream,
        run,
        text: '',
        at: side.at,
        bytes: 0,
        carried: side.carried,
        isEnded: false,
      }
      rows.push(side.open)
    }
    side.open.text += text
    side.open.bytes += piece.byteLength
    side.open.isEnded = isEnded
    side.at += piece.byteLength
    bytes += piece.byteLength
    if (isEnded) close(side)
  }

  const trim = () => {
    if (bytes <= bounds.bytesMax && rows.length <= bounds.rowsMax) return
    let gone = 0
    // A tenth more than needed, so that a flood does not copy the array for every chunk.
    while (gone < rows.length && (bytes > bounds.bytesMax * 0.9 || rows.length - gone > bounds.rowsMax * 0.9)) {
      const row = rows[gone++]
      if (row?.kind !== 'output') continue
      bytes -= row.bytes
      droppedBytes += row.bytes
    }
    rows = rows.slice(gone)
  }

  return {
    append(run, stream, chunk) {
      hasStderr ||= stream === 'stderr'
      const side = sideOf(run, stream)
      for (let from = 0; from < chunk.byteLength; ) {
        const found = chunk.indexOf(lineFeed, from)
        const until = Math.min(found < 0 ? chunk.byteLength : found + 1, from + rowCharactersMax)
        add(run, stream, side, chunk.subarray(from, until))
        from = until
      }
      trim()
      changed()
    },
    beginRun(run) {
      rows = [...rows, { key: rowsMade++, kind: 'run', run }]
      changed()
    },
    markCut(run, cut) {
      for (const stream of ['stdout', 'stderr'] as const) {
        const hole = cut[stream]
        if (hole !== null) rows = withMark(rows, run, stream, hole, () => rowsMade++)
      }
      changed()
    },
    clear() {
      rows = []
      sides = new Map()
      bytes = 0
      droppedBytes = 0
      hasStderr = false
      changed()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    snapshot: () => current,
  }
}

const lineFeed = 0x0a

/** The mark stands after the last row of the head; a row that holds the end of the head and the start of the tail is split. */
function withMark(rows: readonly Row[], run: string, stream: Stream, hole: Hole, nextKey: () => number): Row[] {
  const mark: NoteRow = { key: nextKey(), kind: 'cut', stream, omittedBytes: hole.omittedBytes }
  const index = rows.findIndex(
    (row) => row.kind === 'output' && row.run === run && row.stream === stream && row.at + row.bytes >= hole.headBytes,
  )
  const row = rows[index]
  if (row === undefined || row.kind !== 'output') return [mark, ...rows]
  const encoded = new TextEncoder().encode(row.text)
  const split = hole.headBytes - row.at
  if (split <= 0) return [...rows.slice(0, index), mark, ...rows.slice(index)]
  if (split >= encoded.byteLength) return [...rows.slice(0, index + 1), mark, ...rows.slice(index + 1)]
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  const head: OutputRow = { ...row, text: text(encoded.subarray(0, split)), bytes: split, isEnded: false }
  const tail: OutputRow = {
    ...row,
    key: nextKey(),
    text: text(encoded.subarray(split)),
    at: hole.headBytes,
    bytes: row.bytes - split,
    carried: '',
  }
  return [...rows.slice(0, index), head, mark, tail, ...rows.slice(index + 1)]
}
