/** Requests to the cluster's API: a few calls over node's own https. The token is read anew each time, for it changes every hour. */
import { readFileSync } from 'node:fs'
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest, type RequestOptions } from 'node:http'
import { Agent, request as secureRequest } from 'node:https'
import { EngineFault } from '../../engine.ts'

export type ApiPlace = { readonly server: string; readonly tokenFile: string | null; readonly caFile: string | null }

/** The API said no, in its own words. `reason` is for programs: `Forbidden`, `NotFound`, `AlreadyExists`. */
export class ApiRefusal extends EngineFault {
  override name = 'ApiRefusal'
  readonly status: number
  readonly reason: string
  constructor(status: number, reason: string, message: string) {
    super(`The cluster refused (${status} ${reason}): ${message.slice(0, 500)}`)
    this.status = status
    this.reason = reason
  }
}

export type Api = {
  /** The answer's JSON. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal): Promise<unknown>
  /** An answer that goes on: a watch, a log. Ends with the answer or the signal. */
  follow(path: string, signal: AbortSignal): Promise<IncomingMessage>
  /** What an upgrade to another protocol needs to know. */
  options(path: string): { readonly options: RequestOptions; readonly request: typeof plainRequest }
  close(): void
}

const callMs = 30_000
const answerBytesMax = 16 * 2 ** 20
const keepAliveMs = 10_000

export function connectApi({ server, tokenFile, caFile }: ApiPlace): Api {
  const url = new URL(server)
  const secure = url.protocol === 'https:'
  const ca = secure && caFile !== null ? readFileSync(caFile) : undefined
  const agent = secure
    ? new Agent({ keepAlive: true, keepAliveMsecs: keepAliveMs, ...(ca && { ca }) })
    : new PlainAgent({ keepAlive: true, keepAliveMsecs: keepAliveMs })
  const request = secure ? secureRequest : plainRequest
  const options = (path: string): RequestOptions => ({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (secure ? 443 : 80),
    path: `${url.pathname.replace(/\/$/, '')}${path}`,
    headers: {
      accept: 'application/json',
      ...(tokenFile === null ? {} : { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` }),
    },
    ...(ca && { ca }), // an upgrade does not go through the agent
  })

  const send = (method: string, path: string, body: unknown, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const { headers, ...where } = options(path)
      const sent = request(
        {
          ...where,
          agent,
          method,
          signal,
          headers: {
            ...headers,
            ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          },
        },
        resolve,
      )
      sent.on('error', (cause) => reject(new EngineFault(`The cluster's API did not answer: ${cause.message}`, { cause })))
      sent.end(text)
    })

  return {
    async call(method, path, body, signal) {
      const deadline = AbortSignal.timeout(callMs)
      const answer = await send(method, path, body, signal ? AbortSignal.any([signal, deadline]) : deadline)
      const text = await readAll(answer, answerBytesMax)
      if (answer.statusCode === undefined || answer.statusCode >= 300) throw refusalOf(answer, text)
      return parse(text)
    },
    async follow(path, signal) {
      const answer = await send('GET', path, undefined, signal)
      if (answer.statusCode !== 200) throw refusalOf(answer, await readAll(answer, answerBytesMax))
      answer.socket.setKeepAlive(true, keepAliveMs)
      return answer
    },
    options: (path) => ({ options: options(path), request }),
    close: () => agent.destroy(),
  }
}

export async function readAll(answer: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      // no encoding is set, so chunks are buffers
      size += chunk.length
      if (size > bytesMax) throw new EngineFault(`The cluster's API answered with more than ${bytesMax} bytes.`)
      chunks.push(chunk)
    }
  } catch (cause) {
    throw cause instanceof EngineFault ? cause : new EngineFault("An answer of the cluster's API broke off.", { cause })
  }
  return Buffer.concat(chunks).toString('utf8')
}

export function refusalOf(answer: IncomingMessage, text: string): ApiRefusal {
  const status = answer.statusCode ?? 0
  try {
    const { reason, message } = JSON.parse(text) as { reason?: unknown; message?: unknown } // checked below
    if (typeof message === 'string') return new ApiRefusal(status, typeof reason === 'string' ? reason : '', message)
  } catch {
    // a proxy in between does not speak JSON
  }
  return new ApiRefusal(status, '', text.trim() || (answer.statusMessage ?? ''))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EngineFault("The cluster's API did not answer in JSON.", { cause })
  }
}
