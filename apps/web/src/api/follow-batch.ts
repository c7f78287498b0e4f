import type { Batch, BatchId } from '@crucible/contracts'
import type { Client } from '@crucible/sdk'

export type FollowedBatch = { readonly batch: Batch | null; readonly connection: 'open' | 'ended' | 'lost' }
export type BatchFollow = { readonly subscribe: (changed: () => void) => () => void; readonly snapshot: () => FollowedBatch }

/** Counts of a batch as the server tells them, while somebody listens. Each message is a whole snapshot: none need be kept. */
export function createBatchFollow(client: Client, id: BatchId): BatchFollow {
  const listeners = new Set<() => void>()
  let state: FollowedBatch = { batch: null, connection: 'open' }
  let stop: AbortController | null = null
  const set = (change: Partial<FollowedBatch>) => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  async function run(signal: AbortSignal) {
    try {
      for await (const event of client.followBatch(id, { signal })) set({ batch: event.batch })
      if (!signal.aborted) set({ connection: 'ended' })
    } catch {
      // Said on the page by `connection`; the last counts stay.
      if (!signal.aborted) set({ connection: 'lost' })
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener)
      if (stop === null && state.connection !== 'ended') {
        stop = new AbortController()
        void run(stop.signal)
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        stop?.abort()
        stop = null
      }
    },
    snapshot: () => state,
  }
}
