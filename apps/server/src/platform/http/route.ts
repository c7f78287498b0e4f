import type { Readable } from 'node:stream'
import { bounds, type Permission, type Route, type RouteName, routes } from '@crucible/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal, refuse } from '../refusal/index.ts'
import type { Log } from '../telemetry/index.ts'
import { parseBody } from './faults.ts'
import type { BytesReply, Call, EventsReply, Handler, Headers } from './handler.ts'
import { readNdjson } from './ndjson.ts'
import { idempotencyKeyOf, lastEventIdOf, pathParser, queryParser, versionOf } from './parameters.ts'
import { addressKey, createLimiter, rateHeaders } from './rate-limit.ts'
import { eventStream } from './sse.ts'

/** How a credential becomes an actor, what it may, and under which name its use is counted. Identity supplies it. */
export type Gate<A> = {
  authenticate(authorization: string | undefined): Promise<A>
  allow(actor: A, permission: Permission): void
  nameOf(actor: A): string
}
export type RouteLimits = {
  readonly requestsPerMinute: number // per credential
  readonly failedLoginsPerMinute: number // per address
  readonly batchBytesMax: number
  readonly clockMs: () => number
}
type Entered<A> = {
  actor: A
  params: unknown
  query: unknown
  idempotencyKey: string | null
  version: number | null
  lastEventId: number
}
type AnyReply = { status: number; body: unknown; headers?: Headers } | BytesReply | EventsReply

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const ndjson = 'application/x-ndjson'

/**
 * Registers routes in one order of checks: method, credential, permission, rate, media type, path and query; then the
 * body is read, parsed and given to the handler. Nobody without a key makes us parse anything of theirs.
 */
export function registerRoutes<A>(
  app: FastifyInstance,
  {
    handlers,
    gate,
    limits,
    log,
    signalOf,
  }: {
    handlers: { readonly [N in RouteName]: Handler<N, A> }
    gate: Gate<A>
    limits: RouteLimits
    log: Log
    signalOf: (reply: FastifyReply) => AbortSignal
  },
): void {
  const requests = createLimiter({ perMinute: limits.requestsPerMinute, clockMs: limits.clockMs })
  const failedLogins = createLimiter({ perMinute: limits.failedLoginsPerMinute, clockMs: limits.clockMs })
  const entered = new WeakMap<FastifyRequest, Entered<A>>()

  const enter = async (request: FastifyRequest): Promise<A> => {
    try {
      return await gate.authenticate(request.headers.authorization)
    } catch (error) {
      // Only wrong credentials count: nobody can lock out a good key behind the same address, and neither can our faults.
      if (error instanceof Refusal && error.code === 'unauthenticated') failedLogins.take(addressKey(request.ip))
      throw error
    }
  }

  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    // the keys of a literal are its type's
    const handler = handlers[name] as unknown as (call: unknown) => Promise<AnyReply> // the pairing of N with its call is checked where handlers are made
    if (typeof handler !== 'function') throw new Error(`the route ${name} has no handler`)
    const parsePath = pathParser(route.params)
    const parseQuery = queryParser(route.query)
    const url = `/api/v1${route.path}`
    const consumes = route.consumes ?? ['application/json']
    const produces = route.produces ?? 'application/json'

    app.route({
      method: route.method,
      url,
      bodyLimit: route.bodyBytesMax ?? bounds.bodyBytes,
      async onRequest(request, reply) {
        const actor = await enter(request)
        gate.allow(actor, route.permission)
        const { remaining } = requests.take(gate.nameOf(actor))
        rateHeaders(reply, limits.requestsPerMinute, remaining)
        assertMediaType(request, consumes)
        entered.set(request, {
          actor,
          params: parsePath(request.params),
          query: parseQuery(request.query),
          idempotencyKey: route.isIdempotent ? idempotencyKeyOf(request.headers['idempotency-key']) : null,
          version: route.isConditional ? versionOf(request.headers['if-match']) : null,
          lastEventId: produces === 'text/event-stream' ? lastEventIdOf(request.headers['last-event-id']) : 0,
        })
      },
      async handler(request, reply) {
        const known = entered.get(request)
        if (known === undefined) throw new Error('a handler was reached without its checks')
        const signal = signalOf(reply)
        const lines =
          mediaTypeOf(request) === ndjson
            ? readNdjson(request.body as Readable, {
                lineBytesMax: bounds.bodyBytes,
                totalBytesMax: limits.batchBytesMax,
                linesMax: bounds.batchItems,
              }) // the parser for this type passes the stream on
            : null
        const body = lines === null ? bodyOf(route, request.body) : undefined
        const call: Omit<Call<RouteName, A>, 'params' | 'query' | 'body' | 'version'> & Entered<A> & { body: unknown } = {
          ...known,
          body,
          lines,
          requestId: request.id,
          signal,
        }
        const result = await handler(call)
        if ('events' in result) {
          const stream = eventStream(signal, result.events, (err) =>
            log.error({ err, requestId: request.id, route: url }, 'an event stream met a fault'),
          )
          return reply
            .code(200)
            .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
            .type('text/event-stream')
            .send(stream)
        }
        reply.code(result.status).headers({ 'cache-control': 'no-store', ...result.headers })
        if ('bytes' in result) return reply.type('application/octet-stream').send(asBuffer(result.bytes))
        return reply.type('application/json').send(JSON.stringify(shown(name, route, result.status, result.body)))
      },
    })
  }
  refuseOtherMethods(app)
}

function refuseOtherMethods(app: FastifyInstance): void {
  const used = Map.groupBy(Object.values(routes), ({ path }) => path)
  for (const [path, group] of used) {
    const taken = new Set<string>(group.map(({ method }) => method))
    app.route({
      method: methods.filter((method) => !taken.has(method)),
      url: `/api/v1${path}`,
      onRequest: async (_request, reply) => {
        reply.header('allow', [...taken].join(', '))
        throw refuse('method_not_allowed')
      },
      handler: async () => {},
    })
  }
}

const mediaTypeOf = ({ headers }: FastifyRequest) => headers['content-type']?.split(';')[0]?.trim().toLowerCase()

function assertMediaType(request: FastifyRequest, consumes: readonly string[]): void {
  const { headers } = request
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  if (!hasBody || request.method === 'GET') return
  const type = mediaTypeOf(request)
  const isPlain = headers['content-encoding'] === undefined || headers['content-encoding'] === 'identity'
  if (type === undefined || !consumes.includes(type) || !isPlain)
    throw refuse('unsupported_media_type', { detail: `This route takes ${consumes.join(' or ')}, not compressed.` })
}

/** A route without a body takes none, or `{}`, which some clients always send. */
function bodyOf(route: Route, body: unknown): unknown {
  if (route.body !== undefined) {
    if (body === undefined) throw refuse('unsupported_media_type', { detail: 'This route needs a body.' })
    return parseBody(route.body, body)
  }
  if (body === undefined || body === null || Object.keys(body).length === 0) return undefined
  throw refuse('invalid_body', {
    errors: Object.keys(body)
      .slice(0, 20)
      .map((key) => ({ pointer: `/${key}`, detail: 'is not known here' })),
  })
}

/** What the contract names and no more: a field that a handler gave too much never leaves, one too few is our fault. */
function shown(name: RouteName, route: Route, status: number, body: unknown): unknown {
  const schema = route.replies[status]
  if (schema === undefined) throw new Error(`${name} answered ${status}, which its contract does not list`)
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw new Error(`${name} answered ${status} with another shape than its contract: ${parsed.error.message}`)
  return parsed.data
}

const asBuffer = (bytes: Uint8Array | Readable) =>
  bytes instanceof Uint8Array ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes
