/** Evaluations: from a submission to a verdict. The heart. */
import type { Db } from '../../platform/db/index.ts'
import type { Hub } from '../../platform/events/index.ts'
import type { ExecutorClient } from '../../platform/executor/index.ts'
import type { NewId } from '../../platform/ids/index.ts'
import type { Queue } from '../../platform/queue/index.ts'
import type { Log } from '../../platform/telemetry/index.ts'
import { createBacklog } from './backlog.ts'
import { createCatalogue } from './catalogue.ts'
import { createDispatch, type EntryBody } from './dispatch.ts'
import { createPolicies } from './policies.ts'
import { evaluationHandlers } from './routes.ts'
import { startWorker, type WorkerTimes, workerTimes } from './worker.ts'

export type { EntryBody } from './dispatch.ts'
/** The channel whose notifications `wakeups` must follow, and the name of the queue. */
export { channel as evaluationsChannel } from './note.ts'
export { type Worker, type WorkerTimes, workerTimes } from './worker.ts'
export const evaluationsQueue = 'evaluations'

export type EvaluationsDeps = {
  readonly db: Db
  readonly queue: Queue<EntryBody>
  readonly wakeups: Hub
  readonly newId: NewId
  readonly log: Log
  /** Authenticates cursors; the same for all processes of one installation. */
  readonly cursorKey: Uint8Array
  /** How many evaluations may wait; the next is refused. */
  readonly queuedMax: number
  /** How many attempts the platform may lose before an evaluation fails. */
  readonly attemptsMax: number
}

export function evaluationsModule(deps: EvaluationsDeps) {
  const dispatch = createDispatch(deps.queue, deps.log)
  const catalogue = createCatalogue(deps.db)
  const handlers = evaluationHandlers({
    ...deps,
    dispatch,
    backlog: createBacklog(deps.db, deps.queuedMax),
    catalogue,
    policies: createPolicies(deps.db),
  })
  return {
    handlers,
    /** How many executors have reported lately: readiness asks. */
    executorsPresent: async () => (await catalogue.reports()).filter(({ isPresent }) => isPresent).length,
    startWorker: (executors: readonly ExecutorClient[], times: WorkerTimes = workerTimes) =>
      startWorker({ ...deps, executors, times }),
  }
}
