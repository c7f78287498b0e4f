/** Work that holds some of a number of places, started in order as places become free, and yielded as it ends. */
export type Piece<T> = { readonly weight: number; readonly run: () => Promise<T> }

/** A piece that is heavier than all places together runs alone. Leaving early waits for what was started. */
export async function* startInTurn<T>(pieces: readonly Piece<T>[], places: number, signal: AbortSignal): AsyncGenerator<T> {
  const waiting = [...pieces]
  const running = new Map<Piece<T>, Promise<{ piece: Piece<T>; value: T }>>()
  const used = () => [...running.keys()].reduce((sum, { weight }) => sum + weight, 0)
  try {
    while (waiting.length > 0 || running.size > 0) {
      signal.throwIfAborted()
      for (let next = waiting[0]; next !== undefined && fits(next.weight, used(), places); next = waiting[0]) {
        waiting.shift()
        const piece = next
        running.set(
          piece,
          piece.run().then((value) => ({ piece, value })),
        )
      }
      const { piece, value } = await Promise.race(running.values())
      running.delete(piece)
      yield value
    }
  } finally {
    await Promise.allSettled(running.values())
  }
}

const fits = (weight: number, used: number, places: number) => used === 0 || used + weight <= places
