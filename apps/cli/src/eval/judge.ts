import { type BatchId, bounds, type Evaluation, isTerminal, type SubmitEvaluation } from '@crucible/contracts'
import { type Client, pause } from '@crucible/sdk'
import type { Counts } from '../progress.ts'
import type { Plan } from './plan.ts'

export type Judge = {
  readonly client: Client
  readonly plan: Plan
  readonly name: string
  readonly signal: AbortSignal
  readonly onProgress: (counts: Counts) => Promise<void>
}

const cancelMs = 10_000

/**
 * Judges the plan as batches and returns the evaluations in its order. One batch, as long as it fits: several are sent
 * one after another, so that a queue is never asked to hold more than one of them.
 */
export async function judgeAsBatches(judge: Judge): Promise<Evaluation[]> {
  const evaluations: Evaluation[] = []
  const total = judge.plan.samples.length
  for (let from = 0; from < total; from += bounds.batchItems) {
    const done = countsOf(evaluations, total)
    const batch = await judge.client.submitBatch(() => slice(judge.plan.submissions(), from, bounds.batchItems), {
      name: judge.name,
    })
    try {
      for await (const { batch: counts } of judge.client.followBatch(batch.id, { signal: judge.signal })) {
        await judge.onProgress(sum(done, counts))
      }
      evaluations.push(...(await itemsOf(judge.client, batch.id, judge.signal)))
    } catch (error) {
      if (judge.signal.aborted) await judge.client.cancelBatch({ params: { batch: batch.id } }, { timeoutMs: cancelMs })
      throw error
    }
  }
  return evaluations
}

const pollMs = 1_000

/** Judges with at most `concurrency` unfinished at any moment, one request each: for a server shared with others. */
export async function judgeOneByOne(judge: Judge, concurrency: number): Promise<Evaluation[]> {
  const evaluations: Evaluation[] = []
  const source = numbered(judge.plan.submissions())
  const stop = new AbortController()
  const signal = AbortSignal.any([judge.signal, stop.signal])
  const worker = async () => {
    for await (const [index, body] of source) {
      evaluations[index] = await finishedOf(judge.client, body, signal)
      await judge.onProgress(countsOf(evaluations.filter(Boolean), judge.plan.samples.length))
    }
  }
  const workers = Array.from({ length: concurrency }, worker)
  try {
    await Promise.all(workers)
  } finally {
    stop.abort() // the first failure ends all, and each worker cancels what it has in flight
    await Promise.allSettled(workers)
  }
  return evaluations
}

async function finishedOf(client: Client, body: SubmitEvaluation, signal: AbortSignal): Promise<Evaluation> {
  const idempotencyKey = crypto.randomUUID()
  try {
    let evaluation = await client.submitEvaluation({ body, query: { wait: bounds.waitSeconds } }, { signal, idempotencyKey })
    while (!isTerminal(evaluation.status)) {
      await pause(pollMs, signal)
      evaluation = await client.getEvaluation({ params: { evaluation: evaluation.id } }, { signal })
    }
    return evaluation
  } catch (error) {
    // Its id may never have reached us; the same key names the same evaluation.
    if (signal.aborted) {
      const { id } = await client.submitEvaluation({ body }, { idempotencyKey, timeoutMs: cancelMs })
      await client.cancelEvaluation({ params: { evaluation: id } }, { timeoutMs: cancelMs })
    }
    throw error
  }
}

async function itemsOf(client: Client, batch: BatchId, signal: AbortSignal): Promise<Evaluation[]> {
  const items: Evaluation[] = []
  for (let cursor: string | undefined; ; ) {
    const { data, page } = await client.listBatchItems({ params: { batch }, query: { limit: 100, cursor } }, { signal })
    items.push(...data)
    if (page.nextCursor === null) return items
    cursor = page.nextCursor
  }
}

export function countsOf(evaluations: readonly Evaluation[], total: number): Counts {
  const byStatus: Record<string, number> = {}
  const byVerdict: Partial<Record<string, number>> = {}
  for (const { status, verdict } of evaluations) {
    byStatus[status] = (byStatus[status] ?? 0) + 1
    if (verdict !== null) byVerdict[verdict] = (byVerdict[verdict] ?? 0) + 1
  }
  return { total, finished: evaluations.length, byStatus, byVerdict: byVerdict as Counts['byVerdict'] } // absent means none
}

/** The counts of the whole plan while one of its batches runs. */
function sum(done: Counts, now: Counts): Counts {
  const add = <R extends Readonly<Record<string, number>>>(a: R, b: R): R =>
    Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)])) as R // the union of both key sets
  return {
    total: done.total,
    finished: done.finished + now.finished,
    byStatus: add(done.byStatus, now.byStatus),
    byVerdict: add(done.byVerdict, now.byVerdict),
  }
}

async function* slice<T>(items: AsyncIterable<T>, from: number, count: number): AsyncGenerator<T> {
  let index = 0
  for await (const item of items) {
    if (index >= from + count) return
    if (index++ >= from) yield item
  }
}

/** Shared by all workers: a generator hands each of its items to whoever asks next. */
async function* numbered<T>(items: AsyncIterable<T>): AsyncGenerator<[number, T]> {
  let index = 0
  for await (const item of items) yield [index++, item]
}
