/** Collects what an attempt does and writes it in few, bounded transactions. */
import type { RunResult } from '@crucible/contracts'
import type { Environment } from '@crucible/sandbox/spec'
import type { Entry } from './entry.ts'
import { createKept } from './kept-output.ts'
import type { Ending, Progress, Start } from './moves.ts'

/**
 * How long the first unwritten event waits for company. A short program begins, prints and ends within it, and costs one
 * transaction instead of five; a viewer sees output at most this much later (the target is 100 ms).
 */
export const gatherMs = 70
const chunkBytesMax = 32 * 1024
const heldBytesMax = 512 * 1024
const heldEntriesMax = 500

export type JournalWrites = {
  /** Each says whether the attempt is still ours. */
  start(start: Start, progress: Progress): Promise<boolean>
  progress(progress: Progress): Promise<boolean>
  complete(end: Ending, progress: Progress, start: Start | null): Promise<boolean> // start: when it was not written yet
}

export type Journal = {
  started(environment: Environment): void
  runStarted(run: string): void
  runFinished(run: string, result: RunResult): void
  output(run: string, stream: 'stdout' | 'stderr', bytes: Uint8Array): void
  /** Await it after every event: it resolves when what is held is within bounds, so a flood slows its source down. */
  room(): Promise<void>
  /** Writes what is left together with the verdict. False: the attempt is not ours any more. */
  complete(end: Ending): Promise<boolean>
  /** Writes nothing more. */
  close(): void
}

export function createJournal(writes: JournalWrites, onFenced: () => void, onFault: (error: unknown) => void): Journal {
  const kept = createKept()
  let held: Entry[] = []
  let heldAtMs: number[] = []
  let heldBytes = 0
  let beginning: { readonly environment: Environment; readonly atMs: number } | null = null
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> | null = null
  let isClosed = false

  const hold = (entry: Entry) => {
    held.push(entry)
    heldAtMs.push(performance.now())
    gather()
  }
  const gather = () => {
    if (timer === null && !isClosed) timer = setTimeout(flush, gatherMs)
  }
  const take = (): Progress => {
    const now = performance.now()
    const entries = held.map((entry, index) => ({ ...entry, agoMs: now - (heldAtMs[index] ?? now) }))
    held = []
    heldAtMs = []
    heldBytes = 0
    return { entries, stdoutBytes: kept.stored('stdout'), stderrBytes: kept.stored('stderr') }
  }
  const takeStart = (): Start | null => {
    const start = beginning && { environment: beginning.environment, agoMs: performance.now() - beginning.atMs }
    beginning = null
    return start
  }
  const write = async (): Promise<boolean> => {
    const start = takeStart()
    if (start !== null) return writes.start(start, take())
    return held.length === 0 || writes.progress(take())
  }
  const flush = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (isClosed) return
    if (writing !== null) return gather() // one at a time: the log has an order
    writing = write()
      .then((isOurs) => {
        if (!isOurs) onFenced()
      }, onFault)
      .finally(() => {
        writing = null
      })
  }

  return {
    started(environment) {
      beginning = { environment, atMs: performance.now() }
      gather()
    },
    runStarted(run) {
      kept.begin(run)
      hold({ kind: 'run_started', run })
    },
    runFinished: (run, result) => hold({ kind: 'run_finished', run, result: kept.describe(run, result) }),
    output(run, stream, bytes) {
      const { data, streamOffset, bothOffset } = kept.keep(run, stream, bytes)
      if (data.byteLength === 0) return
      heldBytes += data.byteLength
      const last = held.at(-1)
      if (
        last?.kind === 'output' &&
        last.run === run &&
        last.stream === stream &&
        last.data.byteLength + data.byteLength <= chunkBytesMax
      ) {
        held[held.length - 1] = { ...last, data: Buffer.concat([last.data, data]) }
        return
      }
      for (let from = 0; from < data.byteLength; from += chunkBytesMax) {
        const piece = data.subarray(from, from + chunkBytesMax)
        hold({ kind: 'output', run, stream, data: piece, streamOffset: streamOffset + from, bothOffset: bothOffset + from })
      }
    },
    async room() {
      while (!isClosed && (heldBytes > heldBytesMax || held.length > heldEntriesMax)) {
        flush()
        await writing
      }
    },
    async complete({ judgement, hostAtEnd }) {
      if (timer !== null) clearTimeout(timer)
      await writing
      if (isClosed) return false
      isClosed = true
      const start = takeStart()
      return writes.complete({ judgement: kept.describeAll(judgement), hostAtEnd }, take(), start)
    },
    close() {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
