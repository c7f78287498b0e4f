/** The role `worker`: takes entries from the queue, drives executors, keeps leases, reaps and reconciles. */
import type { ExecutorStatus } from '@crucible/sandbox/spec'
import type { Db } from '../../platform/db/index.ts'
import type { Hub } from '../../platform/events/index.ts'
import { createExecutorPool, type ExecutorClient, type ExecutorPool, InTheWay } from '../../platform/executor/index.ts'
import type { NewId } from '../../platform/ids/index.ts'
import type { Handled, Queue, QueueWorker } from '../../platform/queue/index.ts'
import type { Log } from '../../platform/telemetry/index.ts'
import { remember } from './catalogue.ts'
import { createDispatch, type EntryBody, entryBody } from './dispatch.ts'
import { every } from './every.ts'
import { execute } from './execute.ts'
import { createInFlight } from './in-flight.ts'
import { renewLeases } from './lease.ts'
import { forgetOldKeys, reap } from './reap.ts'
import { reconcile } from './reconcile.ts'
import { satisfies } from './requirement.ts'

export type WorkerTimes = {
  /** How long a claimed evaluation stays ours without a sign of life. */
  readonly leaseMs: number
  readonly renewMs: number
  readonly reapMs: number
  readonly reconcileMs: number
  readonly pollExecutorsMs: number
}
export const workerTimes: WorkerTimes = {
  leaseMs: 30_000,
  renewMs: 8_000,
  reapMs: 5_000,
  reconcileMs: 30_000,
  pollExecutorsMs: 5_000,
}

export type WorkerDeps = {
  readonly db: Db
  readonly queue: Queue<EntryBody>
  readonly wakeups: Hub
  readonly executors: readonly ExecutorClient[]
  readonly newId: NewId
  readonly log: Log
  readonly times: WorkerTimes
}

export type Worker = {
  /** Takes nothing new; what runs may finish until the signal aborts, and is handed back then. */
  stop(grace: AbortSignal): Promise<void>
}

export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const { db, queue, log, times } = deps
  const dispatch = createDispatch(queue, log)
  const stopping = new AbortController()
  const renew = () => renewLeases(db, inFlight, times.leaseMs)
  const inFlight = createInFlight(deps.wakeups, () => void renew().catch(() => {})) // the next regular turn reports it
  let consumer: QueueWorker | null = null
  let stuck = 0
  const admit = () => consumer?.setConcurrency(takenFor(pool.slots()) + stuck)
  const pool = createExecutorPool({
    clients: deps.executors,
    pollMs: times.pollExecutorsMs,
    onStatus(client, status) {
      admit()
      if (status === null) log.warn({ executor: client.name }, 'the executor does not answer')
      else remember(db, status).catch((error: unknown) => log.warn({ error }, 'what an executor can do was not stored'))
    },
    onStuck(count) {
      if (count === stuck) return
      stuck = count
      admit()
    },
  })

  const handle = async (body: unknown): Promise<Handled> => {
    const entry = entryBody.safeParse(body)
    if (!entry.success) {
      log.error({ body }, 'an entry of the queue is not one of ours')
      return 'done'
    }
    // A slot before the claim: what waits for capacity stays queued, costs no attempt and is cancelled at once.
    const slot = await pool.acquire(stopping.signal, suits(entry.data, pool)).catch((why: unknown) => whenAgain(why))
    if (slot === 'back' || slot === 'later') return slot
    try {
      await execute(
        { ...deps, pool, inFlight, dispatch, leaseMs: times.leaseMs },
        entry.data.organizationId,
        entry.data.evaluationId,
        slot,
      )
    } catch (error) {
      // The row still says where it stands: the lease lapses, or the reconciler adds it again.
      log.error({ error, evaluation: entry.data.evaluationId }, 'an attempt broke off')
    } finally {
      slot.release()
    }
    return 'done'
  }

  consumer = await queue.work({ concurrency: takenFor(pool.slots()), handle })
  admit() // a status may have come meanwhile
  const turns = [
    every(times.renewMs, 'renew leases', renew, log),
    every(times.reapMs, 'reap', () => reap({ db, dispatch }), log),
    every(times.reconcileMs, 'reconcile', () => reconcile({ db, dispatch }, times.reconcileMs), log),
    every(60_000, 'forget old keys', () => forgetOldKeys(db), log),
  ]
  await reconcile({ db, dispatch }, 0) // what was queued when the queue, or all workers, went away

  return {
    async stop(grace) {
      stopping.abort() // who waits for a slot puts the entry back
      const drained = consumer?.stop()
      const handBack = () => {
        for (const hand of inFlight.all()) hand.stop('handed_back')
      }
      if (grace.aborted) handBack()
      else grace.addEventListener('abort', handBack, { once: true })
      await drained
      await inFlight.idle()
      grace.removeEventListener('abort', handBack)
      await Promise.all(turns.map((turn) => turn.stop()))
      await pool.stop()
    },
  }
}

const whenAgain = (why: unknown) => (why instanceof InTheWay ? 'later' : 'back')

/** Executors that are enough and have the runtime; those that are enough, should none of them have it: then they say so. */
function suits(entry: EntryBody, pool: ExecutorPool): (status: ExecutorStatus) => boolean {
  const isEnough = (status: ExecutorStatus) => satisfies(status, entry)
  const has = ({ runtimes }: ExecutorStatus) => runtimes.some(({ name }) => name === entry.runtime)
  const isRuntimeThere = pool.statuses().some((status) => isEnough(status) && has(status))
  return isRuntimeThere ? (status) => isEnough(status) && has(status) : isEnough
}

/** Some more entries than there are slots: one that is taken already starts the moment a slot is free. */
const takenFor = (slots: number) => slots + Math.max(2, Math.ceil(slots / 2))
