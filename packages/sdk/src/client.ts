import {
  type BatchEvent,
  type BatchId,
  type EvaluationEvent,
  type EvaluationId,
  evaluationEvent,
  type Route,
  routes,
  type SubmitEvaluation,
} from '@crucible/contracts'
import { addressOf, baseOf } from './address.ts'
import { followBatch, type SubmitBatchOptions, submitBatch } from './batches.ts'
import type { CallOptions, Calls, LooseInput, Reply } from './calls.ts'
import { type Followed, type FollowOptions, follow } from './follow.ts'
import type { Lines } from './ndjson.ts'
import { eventOf, replyOf } from './replies.ts'
import { type Connection, condition, idempotency, request, retriesDefault } from './request.ts'
import { pause, type Timing } from './retry.ts'

export type ClientOptions = {
  /** Where the server is, for example `http://127.0.0.1:3000`. */
  readonly baseUrl: string
  readonly apiKey?: string | undefined
  readonly fetch?: typeof fetch
  readonly timing?: Partial<Timing>
}

export type Client = Calls & {
  readonly baseUrl: string
  /** Each event of an evaluation once, in order, until `finished`; reconnects and resumes by itself. */
  readonly followEvaluation: (id: EvaluationId, options?: FollowOptions) => AsyncGenerator<Followed<EvaluationEvent>>
  /** The counts of a batch as they change, until it is finished. */
  readonly followBatch: (id: BatchId, options?: FollowOptions) => AsyncGenerator<BatchEvent>
  /** Up to 10,000 submissions, sent line by line and never held together; retried when `lines` is an array or a function. */
  readonly submitBatch: (lines: Lines<SubmitEvaluation>, options?: SubmitBatchOptions) => Promise<Reply<'createBatch'>>
}

const callMs = 30_000

/**
 * A client of one server, with a method for each route of the contract; the two streams are `follow…`.
 * ```ts
 * const crucible = createClient({ baseUrl: 'http://127.0.0.1:3000', apiKey })
 * const evaluation = await crucible.submitEvaluation({ body: { language: 'python', code: 'print(1)' }, query: { wait: 30 } })
 * ```
 */
export function createClient(options: ClientOptions): Client {
  const connection: Connection = {
    baseUrl: baseOf(options.baseUrl),
    apiKey: options.apiKey,
    // Called as a bare function: a browser's fetch refuses any other `this`.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timing: { pause, random: Math.random, ...options.timing },
  }
  return {
    ...callsOf(connection),
    baseUrl: connection.baseUrl,
    followEvaluation: (evaluation, how) =>
      follow(
        connection,
        {
          url: addressOf(connection.baseUrl, routes.streamEvaluation, { params: { evaluation } }),
          parse: (json) => eventOf<EvaluationEvent>(evaluationEvent, json),
          isLast: (event) => event.type === 'finished',
          isNumbered: true,
        },
        how,
      ),
    followBatch: (batch, how) => followBatch(connection, batch, how),
    submitBatch: (lines, how = {}) => submitBatch(connection, lines, how),
  }
}

function callsOf(connection: Connection): Calls {
  const entries = Object.entries<Route>(routes)
    .filter(([, route]) => route.produces !== 'text/event-stream')
    .map(([name, route]) => [name, (input?: LooseInput, how?: CallOptions) => call(connection, route, input ?? {}, how ?? {})])
  return Object.fromEntries(entries) as Calls // made from the very table that the type is computed from
}

async function call(connection: Connection, route: Route, input: LooseInput, how: CallOptions): Promise<unknown> {
  const body = input.body === undefined ? undefined : JSON.stringify(input.body)
  const waitMs = Number(input.query?.['wait'] ?? 0) * 1000
  return request(
    connection,
    {
      method: route.method,
      url: addressOf(connection.baseUrl, route, input),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...idempotency(route, how),
        ...condition(route, how),
      },
      ...(body === undefined ? {} : { body: () => body }),
      timeoutMs: how.timeoutMs ?? callMs + waitMs,
      retriesMax: how.retriesMax ?? retriesDefault,
      signal: how.signal,
    },
    (response) => replyOf(route, response),
  )
}
