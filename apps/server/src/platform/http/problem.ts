import { type Problem, type RefusalCode, refusals } from '@crucible/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal, refuse } from '../refusal/index.ts'
import type { Log } from '../telemetry/index.ts'

/** The one place where an error becomes an answer: a refusal as its table words it, anything else as `internal`. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const refusal = asRefusal(error)
  const fault = refusal === null ? error : refusal.details.cause
  if (fault !== undefined)
    log.error(
      { err: fault, requestId: request.id, method: request.method, route: request.routeOptions.url },
      'a request met a fault',
    )
  answer(reply, request.id, refusal ?? refuse('internal'))
}

function answer(reply: FastifyReply, requestId: string, { code, details }: Refusal): void {
  const [status, title] = refusals[code]
  const body: Problem = {
    type: `urn:crucible:problem:${code}`,
    title,
    status,
    code,
    requestId,
    ...(details.detail === undefined ? {} : { detail: details.detail }),
    ...(details.errors === undefined ? {} : { errors: [...details.errors] }),
  }
  if (details.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(details.retryAfterSeconds))
  if (code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="crucible"')
  reply
    .code(status)
    .headers({ 'cache-control': 'no-store', 'content-type': 'application/problem+json' })
    .send(JSON.stringify(body))
}

/** What the HTTP library found wrong with a request before any of our code saw it. */
const libraryCodes: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_json',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_ROUTE_MISSING_HANDLER: 'not_found',
  ECONNRESET: 'malformed_json', // the client left in the middle of its body: nobody reads the answer
  ERR_STREAM_PREMATURE_CLOSE: 'malformed_json',
}

function asRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error
  const code = error instanceof Error && 'code' in error ? libraryCodes[String(error.code)] : undefined
  return code === undefined ? null : refuse(code)
}
