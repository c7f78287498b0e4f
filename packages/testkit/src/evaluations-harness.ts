import type { Evaluation, EvaluationDetail, EvaluationId } from '@crucible/contracts'
import {
  type EntryBody,
  evaluationsChannel,
  evaluationsModule,
  evaluationsQueue,
  type Worker,
  type WorkerTimes,
  workerTimes,
} from '../../../apps/server/src/modules/evaluations/index.ts'
import { followChannel, type Wakeups } from '../../../apps/server/src/platform/events/index.ts'
import { createExecutorClient } from '../../../apps/server/src/platform/executor/index.ts'
import { openQueue, type Queue } from '../../../apps/server/src/platform/queue/index.ts'
import { appHarness, type Caller, type Harness } from './app-harness.ts'
import { type Script, type ScriptedExecutor, type ScriptedOptions, scriptedExecutor } from './scripted-executor.ts'

export type EvaluationsOptions = {
  readonly script: Script
  readonly slots?: number
  /** What the executor says of itself, where it differs from the script's own. */
  readonly says?: ScriptedOptions['says']
  /** Further executors beside it, which run the same script. */
  readonly beside?: readonly ScriptedOptions[]
  readonly queuedMax?: number
  readonly attemptsMax?: number
  readonly times?: Partial<WorkerTimes>
  /** Where the queue is kept; default in the harness's own PostgreSQL. */
  readonly redisUrl?: string
  /** Default true. */
  readonly hasWorker?: boolean
}

export type EvaluationsHarness = Harness & {
  readonly executor: ScriptedExecutor
  readonly beside: readonly ScriptedExecutor[]
  readonly queue: Queue<EntryBody>
  readonly wakeups: Wakeups
  /** One more worker; `stop` of the harness stops it. */
  startWorker(): Promise<Worker>
  /** Submits and waits for the end. */
  judge(caller: Caller, code: string, more?: object): Promise<Evaluation>
  submit(caller: Caller, code: string, more?: object): Promise<Evaluation>
  read(caller: Caller, id: EvaluationId): Promise<EvaluationDetail>
  /** Resolves when the evaluation has this status. */
  reaches(caller: Caller, id: EvaluationId, status: Evaluation['status']): Promise<void>
}

/** Evaluations over the real application, database and queue, with an executor whose engine is a script. */
export async function evaluationsHarness(options: EvaluationsOptions): Promise<EvaluationsHarness> {
  const { slots, says } = options
  const executor = await scriptedExecutor(options.script, {
    ...(slots === undefined ? {} : { slots }),
    ...(says === undefined ? {} : { says }),
  })
  const beside = await Promise.all((options.beside ?? []).map((each) => scriptedExecutor(options.script, each)))
  const opened: { queue: Queue<EntryBody>; wakeups: Wakeups; module: ReturnType<typeof evaluationsModule> }[] = []
  const harness = await appHarness({
    async handlers(deps) {
      const queue = await openQueue<EntryBody>(
        evaluationsQueue,
        options.redisUrl === undefined
          ? { kind: 'postgres', ownerUrl: deps.ownerUrl, connectionsMax: 6 }
          : { kind: 'redis', url: options.redisUrl },
        () => {},
      )
      const wakeups = await followChannel(deps.db.listen, evaluationsChannel)
      const module = evaluationsModule({
        ...deps,
        queue,
        wakeups,
        cursorKey: Buffer.from('a key of the test'),
        queuedMax: options.queuedMax ?? 100_000,
        attemptsMax: options.attemptsMax ?? 3,
      })
      opened.push({ queue, wakeups, module })
      return module.handlers
    },
  })
  const [parts] = opened
  if (parts === undefined) throw new Error('the handlers were not asked for')
  const workers: Worker[] = []
  const startWorker = async () => {
    const worker = await parts.module.startWorker(
      [executor, ...beside].map(({ socketPath, token }) => createExecutorClient({ address: { socketPath }, token })),
      {
        ...workerTimes,
        pollExecutorsMs: 100,
        ...options.times,
      },
    )
    workers.push(worker)
    return worker
  }
  const hasWorker = options.hasWorker ?? true
  if (hasWorker) await startWorker()
  await reported(harness, [executor, ...beside], hasWorker)

  const submit: EvaluationsHarness['submit'] = async (caller, code, more = {}) => {
    const answer = await caller.post('/evaluations', { language: 'python', code, ...more })
    if (answer.status !== 202) throw new Error(`submission answered ${answer.status}: ${answer.text}`)
    return answer.body as Evaluation
  }
  const read: EvaluationsHarness['read'] = async (caller, id) => (await caller.get(`/evaluations/${id}`)).body as EvaluationDetail
  return {
    ...harness,
    executor,
    beside,
    queue: parts.queue,
    wakeups: parts.wakeups,
    startWorker,
    submit,
    read,
    async judge(caller, code, more = {}) {
      const answer = await caller.post('/evaluations?wait=30', { language: 'python', code, ...more })
      if (answer.status !== 200) throw new Error(`judging answered ${answer.status}: ${answer.text}`)
      return answer.body as Evaluation
    },
    async reaches(caller, id, status) {
      for (let tries = 0; (await read(caller, id)).status !== status; tries++) {
        if (tries > 1_000) throw new Error(`${id} is ${(await read(caller, id)).status}, not ${status}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop(AbortSignal.abort())))
      await parts.wakeups.stop()
      await parts.queue.close()
      await harness.close()
      await Promise.all([executor, ...beside].map((each) => each.stop()))
    },
  }
}

/** Submissions are refused until an executor has said what it can do. Without a worker its report is asked for here. */
async function reported(harness: Harness, executors: readonly ScriptedExecutor[], hasWorker: boolean): Promise<void> {
  for (const executor of hasWorker ? [] : executors) {
    const client = createExecutorClient({ address: { socketPath: executor.socketPath }, token: executor.token })
    const status = await client.status(AbortSignal.timeout(5_000))
    client.close()
    await harness.database.query('insert into evaluations.executor (name, report) values ($1, $2)', [
      status.name,
      JSON.stringify(status),
    ])
  }
  for (let tries = 0; tries < 1_000; tries++) {
    const { body } = await harness.alice.get('/runtimes')
    if ((body as { executors: unknown[] }).executors.length === executors.length) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('no executor has reported')
}
