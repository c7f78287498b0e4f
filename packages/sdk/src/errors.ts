import { type Problem, problem } from '@crucible/contracts'

/** The server said no, or that it cannot now: its problem+json, as written. */
export class CrucibleProblem extends Error {
  override readonly name = 'CrucibleProblem'
  readonly code: Problem['code']
  readonly status: number
  readonly detail: string | undefined
  readonly errors: NonNullable<Problem['errors']>
  readonly requestId: string
  /** Seconds, when the server named them. */
  readonly retryAfter: number | undefined

  constructor(from: Problem, retryAfter?: number) {
    super(from.detail === undefined ? from.title : `${from.title} ${from.detail}`)
    this.code = from.code
    this.status = from.status
    this.detail = from.detail
    this.errors = from.errors ?? []
    this.requestId = from.requestId
    this.retryAfter = retryAfter
  }
}

/** No answer: nobody listens, the connection broke, or the deadline passed. The request may or may not have had its effect. */
export class CrucibleUnreachable extends Error {
  override readonly name = 'CrucibleUnreachable'
  readonly url: string

  constructor(url: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.url = url
  }
}

/** An answer that the contract does not know: not Crucible, another version, or a proxy's own page. */
export class CrucibleUnexpectedReply extends Error {
  override readonly name = 'CrucibleUnexpectedReply'
  readonly status: number
  readonly retryAfter: number | undefined

  constructor(status: number, message: string, options: { cause?: unknown; retryAfter?: number | undefined } = {}) {
    super(message, { cause: options.cause })
    this.status = status
    this.retryAfter = options.retryAfter
  }
}

const errorBytesMax = 64 * 1024

/** The error that a reply outside 2xx stands for. Never throws itself, whatever the body is. */
export async function errorOf(response: Response): Promise<CrucibleProblem | CrucibleUnexpectedReply> {
  const retryAfter = retryAfterSeconds(response.headers.get('retry-after'))
  const text = await response.text().catch(() => '')
  const parsed = problem.safeParse(jsonOf(text.slice(0, errorBytesMax)))
  if (parsed.success) return new CrucibleProblem(parsed.data, retryAfter)
  return new CrucibleUnexpectedReply(response.status, `The server answered ${response.status} without saying why.`, {
    retryAfter,
  })
}

/** `Retry-After` is seconds or an HTTP date. */
export function retryAfterSeconds(value: string | null, now = Date.now()): number | undefined {
  if (value === null) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value)
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
