import { refuse } from '../refusal/index.ts'

/** Open event streams by credential, bounded. */
export function streamCounter(max: number) {
  const open = new Map<string, number>()
  return {
    /** Counts one more, or refuses; the returned function counts it off again. */
    open(name: string): () => void {
      const count = open.get(name) ?? 0
      if (count >= max) throw refuse('too_many_streams', { retryAfterSeconds: 1 })
      open.set(name, count + 1)
      return () => {
        const left = (open.get(name) ?? 1) - 1
        if (left === 0) open.delete(name)
        else open.set(name, left)
      }
    },
  }
}
