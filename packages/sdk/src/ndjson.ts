/** What becomes one line each. A function is called anew for every try, which makes the submission repeatable. */
export type Lines<T> = Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>)

/** Whether the lines can be read a second time, which a retry needs. */
export const isRepeatable = (lines: Lines<unknown>) => typeof lines === 'function' || Array.isArray(lines)

/**
 * A stream that pulls as fast as the network takes, one line in memory at a time. A browser can send no stream over
 * HTTP/1.1, so that there the lines are collected first.
 */
export function ndjsonBody<T>(
  lines: Lines<T>,
  over: AbortSignal,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> | Promise<Blob> {
  const stream = ndjsonStream(lines, over, onError)
  return 'document' in globalThis ? new Response(stream).blob() : stream
}

export function ndjsonStream<T>(
  lines: Lines<T>,
  over: AbortSignal,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  const encoded = (async function* () {
    try {
      for await (const line of typeof lines === 'function' ? lines() : lines) yield encoder.encode(`${JSON.stringify(line)}\n`)
    } catch (error) {
      onError(error)
      throw error
    }
  })()
  return new ReadableStream({
    async pull(controller) {
      if (over.aborted) {
        await encoded.return(undefined)
        controller.error(over.reason)
        return
      }
      const next = await encoded.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await encoded.return(undefined)
    },
  })
}
