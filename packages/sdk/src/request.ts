import type { Route } from '@crucible/contracts'
import type { CallOptions } from './calls.ts'
import { type Deadline, deadlineOf } from './deadline.ts'
import { CrucibleUnreachable, errorOf } from './errors.ts'
import { delayBefore, isTransient, type Timing } from './retry.ts'

type Body = NonNullable<RequestInit['body']>

export type Connection = {
  readonly baseUrl: string
  readonly apiKey: string | undefined
  readonly fetch: typeof fetch
  readonly timing: Timing
}

export type Request = {
  readonly method: Route['method']
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Called once for each try, because a stream can be sent only once; `over` says that nobody wants the rest of it. */
  readonly body?: (over: AbortSignal) => Body | Promise<Body>
  readonly timeoutMs: number
  readonly retriesMax: number
  readonly signal?: AbortSignal | undefined
}

export const retriesDefault = 4

/** The same key goes with every try of a call, so that a reply that was lost does not make a second evaluation. */
export const idempotency = (route: Route, how: CallOptions): Record<string, string> =>
  route.isIdempotent ? { 'idempotency-key': how.idempotencyKey ?? crypto.randomUUID() } : {}

/** Refuses to overwrite what was changed since. */
export const condition = (route: Route, how: CallOptions): Record<string, string> =>
  route.isConditional && how.version !== undefined ? { 'if-match': `"${how.version}"` } : {}

/**
 * Sends until there is an answer, the retries are used up or the deadline passes; throws what the last try met.
 * `read` belongs to the try: a body that breaks off is as much a failed try as a refused connection.
 */
export async function request<T>(connection: Connection, ask: Request, read: (response: Response) => Promise<T>): Promise<T> {
  const deadline = deadlineOf(ask.timeoutMs, ask.signal)
  for (let retry = 0; ; retry++) {
    try {
      return await attempt(connection, ask, deadline, read)
    } catch (error) {
      if (retry >= ask.retriesMax || deadline.hasPassed() || !isTransient(error)) throw error
      const delayMs = delayBefore(retry, error, connection.timing.random)
      if (delayMs === null) throw error
      // A deadline that passes while waiting leaves what the server last said, which tells more than "too late".
      await connection.timing.pause(delayMs, deadline.signal).catch(() => {
        deadline.hasPassed()
        throw error
      })
    }
  }
}

/**
 * When it is over, so is its request: a server that refuses in the middle of a long upload has answered and stops
 * reading. Node's fetch would still pull the whole rest of the body, and hold the connection open for nothing.
 */
async function attempt<T>(
  connection: Connection,
  ask: Request,
  deadline: Deadline,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  try {
    const response = await open(connection, ask, { ...deadline, signal: AbortSignal.any([deadline.signal, over.signal]) })
    return await overTheNetwork(ask, deadline, () => read(response))
  } finally {
    over.abort()
  }
}

/** One try: a reply in the 2xx, or an error. */
export async function open(connection: Connection, ask: Omit<Request, 'retriesMax'>, deadline: Deadline): Promise<Response> {
  const headers: Record<string, string> = { ...ask.headers }
  if (connection.apiKey !== undefined) headers['authorization'] = `Bearer ${connection.apiKey}`
  const body = await ask.body?.(deadline.signal)
  const init: RequestInit & { duplex?: 'half' } = { method: ask.method, headers, signal: deadline.signal, redirect: 'error' }
  if (body !== undefined) init.body = body
  if (body instanceof ReadableStream) init.duplex = 'half'
  const response = await overTheNetwork(ask, deadline, () => connection.fetch(ask.url, init))
  if (response.ok) return response
  throw await errorOf(response)
}

async function overTheNetwork<T>(
  ask: Pick<Request, 'url' | 'timeoutMs'>,
  deadline: Deadline,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    if (deadline.hasPassed()) {
      throw new CrucibleUnreachable(ask.url, `No answer from ${new URL(ask.url).origin} within ${ask.timeoutMs} ms.`, cause)
    }
    if (isOurs(cause)) throw cause
    throw new CrucibleUnreachable(ask.url, `Cannot reach ${new URL(ask.url).origin}: ${reasonOf(cause)}.`, cause)
  }
}

/** fetch throws `TypeError` for every network failure; what `read` throws on purpose is an error of this package. */
const isOurs = (cause: unknown) => cause instanceof Error && cause.name.startsWith('Crucible')

function reasonOf(cause: unknown): string {
  const deepest = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  if (!(deepest instanceof Error)) return 'the connection failed'
  const code = 'code' in deepest && typeof deepest.code === 'string' ? deepest.code : undefined
  return deepest.message || code || 'the connection failed'
}
