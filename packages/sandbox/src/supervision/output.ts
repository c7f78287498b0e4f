/**
 * Keeps what a program writes within a budget that both streams share: the head is handed on as it comes, the last
 * bytes wait in a small tail. Without a cut the listener receives every byte; with one, the head and the end, because
 * the end is where a program says why it failed.
 */
import type { RunListener } from '../engine.ts'
import type { Cut } from '../spec.ts'

type Stream = 'stdout' | 'stderr'
type Piece = { readonly stream: Stream; chunk: Uint8Array }

export type Output = {
  take(stream: Stream, chunk: Uint8Array): void
  readonly exceeded: boolean
  /** Hands on the tail. To be called once, when both streams have ended. */
  end(): { cut: Record<Stream, Cut | null>; bytes: Record<Stream, number> }
}

const tailBytesMax = 64 * 1024

/** The tail takes a quarter of a small budget, so that there is always a head to stream live. */
export function keepOutput(budgetBytes: number, listener: RunListener): Output {
  const tailBytes = Math.min(tailBytesMax, Math.floor(budgetBytes / 4))
  let headLeft = budgetBytes - tailBytes
  let tailHeld = 0
  const tail: Piece[] = []
  const written = { stdout: 0, stderr: 0 }
  const head = { stdout: 0, stderr: 0 }
  const omitted = { stdout: 0, stderr: 0 }

  const dropOldest = () => {
    while (tailHeld > tailBytes) {
      const [oldest] = tail
      if (!oldest) return
      const excess = Math.min(tailHeld - tailBytes, oldest.chunk.length)
      omitted[oldest.stream] += excess
      tailHeld -= excess
      if (excess === oldest.chunk.length) tail.shift()
      else oldest.chunk = oldest.chunk.subarray(excess)
    }
  }

  return {
    get exceeded() {
      return written.stdout + written.stderr > budgetBytes
    },
    take(stream, chunk) {
      written[stream] += chunk.length
      const live = chunk.subarray(0, headLeft)
      if (live.length > 0) {
        headLeft -= live.length
        head[stream] += live.length
        listener(stream, live)
      }
      const rest = chunk.subarray(live.length)
      if (rest.length === 0) return
      tail.push({ stream, chunk: rest })
      tailHeld += rest.length
      dropOldest()
    },
    end() {
      for (const { stream, chunk } of tail) listener(stream, chunk)
      tail.length = 0
      const cut = (stream: Stream): Cut | null =>
        omitted[stream] === 0 ? null : { headBytes: head[stream], omittedBytes: omitted[stream] }
      return { cut: { stdout: cut('stdout'), stderr: cut('stderr') }, bytes: { ...written } }
    },
  }
}
