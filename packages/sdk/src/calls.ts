/** The shape of every call, derived from the contract's routes: nothing about a route is written down twice. */
import type { RouteName, routes } from '@crucible/contracts'

type Routes = typeof routes
/** Routes whose reply is a stream of events: followed, with resume, rather than called. */
export type StreamName = { [N in RouteName]: Routes[N] extends { produces: 'text/event-stream' } ? N : never }[RouteName]
export type CallName = Exclude<RouteName, StreamName>

/** A schema, by what it takes and gives: the SDK needs nothing else of the schema library. */
type Schema = { readonly _zod: { readonly input: unknown; readonly output: unknown } }
type Takes<S extends Schema> = S['_zod']['input']
type Gives<S extends Schema> = S['_zod']['output']

/** Lists in a query are given as arrays; a parameter with a default may be left out. */
type QueryOf<S extends Schema> = { readonly [K in keyof Gives<S>]?: Gives<S>[K] | undefined }

type Params<R> = R extends { params: infer S extends Schema } ? { params: Takes<S> } : unknown
type Query<R> = R extends { query: infer S extends Schema } ? { query?: QueryOf<S> } : unknown
type Body<R> = R extends { body: infer S extends Schema } ? { body: Takes<S> } : unknown

export type Input<N extends RouteName> = Params<Routes[N]> & Query<Routes[N]> & Body<Routes[N]>
export type Reply<N extends CallName> = Routes[N] extends { produces: 'application/octet-stream' }
  ? Uint8Array<ArrayBuffer>
  : Routes[N]['replies'] extends infer R extends Readonly<Record<number, Schema>>
    ? { [S in keyof R]: R[S] extends Schema ? Gives<R[S]> : never }[keyof R]
    : never

export type CallOptions = {
  readonly signal?: AbortSignal | undefined
  /** For the whole call, retries included. Default 30 s, plus what `?wait` asks for. */
  readonly timeoutMs?: number | undefined
  /** Default: a fresh one for each call. Give your own to make two calls count as one. */
  readonly idempotencyKey?: string | undefined
  /** What a change needs: the version that was read. */
  readonly version?: number | undefined
  /** Default 4. Only what is safe to repeat is repeated. */
  readonly retriesMax?: number | undefined
}

/** `input` may be left out when nothing in it is required. */
export type Call<N extends CallName> =
  Record<never, never> extends Input<N>
    ? (input?: Input<N>, options?: CallOptions) => Promise<Reply<N>>
    : (input: Input<N>, options?: CallOptions) => Promise<Reply<N>>

export type Calls = { readonly [N in CallName]: Call<N> }

/** What the untyped half of the client works with, once the types above have checked the caller. */
export type LooseInput = {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}
