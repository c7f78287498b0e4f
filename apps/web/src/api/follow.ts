import type { Evaluation, EvaluationEvent, EvaluationId, Status } from '@crucible/contracts'
import { bytesOf, type Client } from '@crucible/sdk'

/** What a follower of one evaluation shows: the caller's output sink gets the bytes, this holds the rest. */
export type Followed = {
  readonly status: Status | null
  readonly attempt: number
  /** The run that is under way: `compile`, or one per test. */
  readonly run: string | null
  readonly connection: 'waiting' | 'open' | 'ended' | 'lost'
  readonly isReset: boolean
  readonly finished: Evaluation | null
  readonly error: unknown
}

export type OutputSink = {
  readonly append: (run: string, stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
  readonly beginRun: (run: string) => void
  readonly markCut: (run: string, cut: Extract<EvaluationEvent, { type: 'run_finished' }>['result']['cut']) => void
  readonly clear: () => void
}

export type Follow = { readonly subscribe: (changed: () => void) => () => void; readonly snapshot: () => Followed }

const initial: Followed = {
  status: null,
  attempt: 0,
  run: null,
  connection: 'waiting',
  isReset: false,
  finished: null,
  error: null,
}

/**
 * Follows while somebody listens. Leaving closes the stream; coming back resumes behind the last event seen, so that
 * nothing is shown twice.
 */
export function createFollow(client: Client, id: EvaluationId, output: OutputSink): Follow {
  const listeners = new Set<() => void>()
  let state = initial
  let lastEventId = 0
  let stop: AbortController | null = null

  const set = (change: Partial<Followed>) => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  async function run(signal: AbortSignal) {
    try {
      for await (const { id: eventId, event } of client.followEvaluation(id, { signal, lastEventId })) {
        lastEventId = eventId
        set({ ...take(event, output), connection: 'open' })
      }
      if (!signal.aborted) set({ connection: 'ended', run: null })
    } catch (error) {
      if (!signal.aborted) set({ connection: 'lost', error })
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

function take(event: EvaluationEvent, output: OutputSink): Partial<Followed> {
  switch (event.type) {
    case 'status':
      return { status: event.status, attempt: event.attempt }
    case 'run_started':
      output.beginRun(event.run)
      return { run: event.run }
    case 'output':
      output.append(event.run, event.stream, bytesOf(event.base64))
      return {}
    case 'run_finished':
      output.markCut(event.run, event.result.cut)
      return { run: null }
    case 'reset':
      output.clear()
      return { isReset: true, attempt: event.attempt, run: null }
    case 'finished':
      return { status: event.evaluation.status, finished: event.evaluation }
    default:
      return event satisfies never
  }
}
