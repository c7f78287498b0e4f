import { type BatchEvent, batchEvent, type Route, routes, type SubmitEvaluation } from '@crucible/contracts'
import { addressOf } from './address.ts'
import type { CallOptions, Reply } from './calls.ts'
import { type FollowOptions, follow } from './follow.ts'
import { isRepeatable, type Lines, ndjsonBody } from './ndjson.ts'
import { eventOf, replyOf } from './replies.ts'
import { type Connection, idempotency, request, retriesDefault } from './request.ts'

export type SubmitBatchOptions = CallOptions & { readonly name?: string; readonly project?: `prj_${string}` }

const batchMs = 600_000

/** Sends lines as they come. A failure of `lines` itself is thrown as it is, and nothing is stored. */
export function submitBatch(
  connection: Connection,
  lines: Lines<SubmitEvaluation>,
  how: SubmitBatchOptions,
): Promise<Reply<'createBatch'>> {
  const route: Route = how.project === undefined ? routes.createBatch : routes.createBatchInProject
  const params = how.project === undefined ? {} : { params: { project: how.project } }
  const broken = new AbortController()
  const ask = {
    method: 'POST',
    url: addressOf(connection.baseUrl, route, { ...params, query: { name: how.name } }),
    headers: { 'content-type': 'application/x-ndjson', ...idempotency(route, how) },
    body: (over: AbortSignal) => ndjsonBody(lines, over, (error) => broken.abort(error)),
    timeoutMs: how.timeoutMs ?? batchMs,
    retriesMax: isRepeatable(lines) ? (how.retriesMax ?? retriesDefault) : 0,
    signal: how.signal === undefined ? broken.signal : AbortSignal.any([how.signal, broken.signal]),
  } as const
  // replyOf has parsed it by the schema of this very route.
  return request(connection, ask, (response) => replyOf(route, response)) as Promise<Reply<'createBatch'>>
}

export async function* followBatch(connection: Connection, batch: string, how?: FollowOptions): AsyncGenerator<BatchEvent> {
  const followed = follow(
    connection,
    {
      url: addressOf(connection.baseUrl, routes.streamBatch, { params: { batch } }),
      parse: (json) => eventOf(batchEvent, json),
      isLast: (event) => event.type === 'finished',
      isNumbered: false, // each event is the whole count: only the newest matters
    },
    how,
  )
  for await (const { event } of followed) yield event
}
