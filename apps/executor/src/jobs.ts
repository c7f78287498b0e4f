/** The jobs in hand: never more than there are slots, each with the way to end it. */
import { randomBytes } from 'node:crypto'
import {
  type Engine,
  EngineFault,
  environmentOf,
  type JobEvent,
  JobFault,
  job,
  judge,
  NoRoom,
  type Runtime,
  readHost,
} from '@crucible/sandbox'
import type { Logger } from 'pino'
import type { EventStream } from './event-stream.ts'

type Last = Extract<JobEvent, { type: 'finished' | 'fault' }>

export type Jobs = {
  busy(): number
  /** Why a job would be turned away just now. */
  turnedAway(): 'busy' | 'shutting_down' | null
  /** Judges and ends the stream, whatever happens. Never rejects. */
  run(body: unknown, stream: EventStream, gone: AbortSignal): Promise<void>
  /** Takes no more, waits for those in hand for `graceMs`, then ends them. */
  drain(graceMs: number): Promise<void>
}

export type JobsDeps = { readonly engine: Engine; readonly runtimes: readonly Runtime[]; readonly log: Logger }

export function createJobs({ engine, runtimes, log }: JobsDeps): Jobs {
  const inHand = new Set<Promise<void>>()
  const closing = new AbortController()
  let draining = false
  const deps = { engine, runtimes, randomBytes, environment: (runtime: Runtime) => environmentOf(engine, runtime) }

  const judged = async (body: unknown, stream: EventStream, gone: AbortSignal): Promise<Last> => {
    const parsed = job.safeParse(body)
    if (!parsed.success) return fault('invalid_job', parsed.error.message)
    try {
      const signal = AbortSignal.any([gone, closing.signal])
      const judgement = await judge(deps, parsed.data, stream.emit, signal)
      return { type: 'finished', judgement, host: readHost() }
    } catch (cause) {
      if (closing.signal.aborted) return fault('shutting_down', 'the executor is shutting down')
      if (gone.aborted) return fault('engine_fault', 'the caller has gone') // which nobody reads
      if (cause instanceof JobFault) return fault(cause.code, cause.message)
      if (cause instanceof NoRoom) return fault('busy', cause.message) // tried again later, at no attempt's cost
      log.error({ err: cause, attempt: parsed.data.attemptId }, 'a job could not be judged')
      return fault('engine_fault', cause instanceof EngineFault ? cause.message : 'internal')
    }
  }

  return {
    busy: () => inHand.size,
    turnedAway: () => (draining ? 'shutting_down' : inHand.size >= engine.slots ? 'busy' : null),
    async run(body, stream, gone) {
      // The slot is free again before the last line is sent: whoever reads it may send the next job at once.
      const settled = judged(body, stream, gone)
      const held = settled.then(() => {})
      inHand.add(held)
      const last = await settled.finally(() => inHand.delete(held))
      stream.end(last)
    },
    async drain(graceMs) {
      draining = true
      const timer = setTimeout(() => closing.abort(), graceMs)
      await Promise.all(inHand)
      clearTimeout(timer)
    },
  }
}

const fault = (code: Extract<Last, { type: 'fault' }>['code'], detail: string): Last => ({ type: 'fault', code, detail })
