import type { Readable } from 'node:stream'
import type { RouteName, routes } from '@crucible/contracts'
import type { z } from 'zod'
import type { NdjsonLine } from './ndjson.ts'
import type { EventSink } from './sse.ts'

type Routes = typeof routes
type Output<T> = T extends z.ZodType ? z.output<T> : undefined
type Part<N extends RouteName, K extends string> = Routes[N] extends { readonly [P in K]: infer T } ? Output<T> : undefined
type TakesLines<N extends RouteName> = Routes[N] extends { readonly consumes: readonly (infer C)[] }
  ? 'application/x-ndjson' extends C
    ? true
    : false
  : false

/** A request that was authenticated, permitted and parsed. `A` is the actor: who it is belongs to identity, not here. */
export type Call<N extends RouteName, A> = {
  readonly actor: A
  readonly params: Part<N, 'params'>
  readonly query: Part<N, 'query'>
  /** Undefined when the route takes no body, or when it came as lines. */
  readonly body: TakesLines<N> extends true ? Part<N, 'body'> | undefined : Part<N, 'body'>
  /** The body of an application/x-ndjson request, read as it arrives; null for every other. */
  readonly lines: AsyncIterable<NdjsonLine> | null
  /** Only on routes that say isIdempotent. */
  readonly idempotencyKey: string | null
  /** From `If-Match`: the version that the client has read. Only on routes that say isConditional, where it is always given. */
  readonly version: Routes[N] extends { readonly isConditional: true } ? number : null
  /** From `Last-Event-ID`: the sequence number that the client has seen; 0 for none. */
  readonly lastEventId: number
  readonly requestId: string
  /** Aborted when the client goes away or the server stops: long waits end early. */
  readonly signal: AbortSignal
}

export type Headers = Readonly<Record<string, string>>
type Replies<N extends RouteName> = Routes[N]['replies']
type JsonReply<N extends RouteName> = {
  [S in keyof Replies<N> & number]: {
    readonly status: S
    readonly body: Replies<N>[S] extends z.ZodType ? z.input<Replies<N>[S]> : never
    readonly headers?: Headers
  }
}[keyof Replies<N> & number]
export type BytesReply = { readonly status: 200; readonly bytes: Uint8Array | Readable; readonly headers?: Headers }
/** `events` writes until it resolves, which ends the stream; it stops early when the call's signal is aborted. */
export type EventsReply = { readonly events: (sink: EventSink) => Promise<void> }

export type Reply<N extends RouteName> = Routes[N] extends { readonly produces: 'text/event-stream' }
  ? EventsReply
  : Routes[N] extends { readonly produces: 'application/octet-stream' }
    ? BytesReply
    : JsonReply<N>

export type Handler<N extends RouteName, A> = (call: Call<N, A>) => Promise<Reply<N>>
/** One for each route of the contract: a missing one is a type error, one too many too. */
export type Handlers<A> = { readonly [N in RouteName]: Handler<N, A> }
