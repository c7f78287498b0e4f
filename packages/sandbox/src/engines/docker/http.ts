/** One request to the daemon, with a deadline and a bound on what comes back. */
import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { EngineFault } from '../../engine.ts'
import type { Address } from './address.ts'

export type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }
export type Ask = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly signal: AbortSignal
}

export type Http = {
  ask(what: Ask): Promise<Reply>
  /** The connection itself, from the moment the daemon has switched protocols; or what it answered instead. */
  hijack(what: Ask): Promise<{ socket: Duplex; head: Buffer } | Reply>
}

const replyBytesMax = 4 * 2 ** 20

/** A connection for each request: one kept open may be closed by the other side at the moment it is used again. */
export function dockerHttp(address: Address): Http {
  const where = address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port }
  const send = ({ method, path, body, signal }: Ask, more: RequestOptions) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    // Docker takes a POST without a length for one with a body.
    const headers = {
      Host: 'docker',
      'Content-Length': Buffer.byteLength(text),
      ...(text && { 'Content-Type': 'application/json' }),
    }
    const sent = request({ ...where, agent: false, method, path, signal, ...more, headers: { ...headers, ...more.headers } })
    sent.end(text)
    return sent
  }
  return {
    ask: (what) =>
      new Promise((resolve, reject) => {
        const sent = send(what, {})
        sent.once('error', (cause) => reject(unreachable(what, cause)))
        sent.once(
          'response',
          (response) => void readReply(response).then(resolve, (cause: unknown) => reject(unreachable(what, cause))),
        )
      }),
    hijack: (what) =>
      new Promise((resolve, reject) => {
        const sent = send(what, { headers: { Connection: 'Upgrade', Upgrade: 'tcp' } })
        sent.once('error', (cause) => reject(unreachable(what, cause)))
        sent.once('upgrade', (_response, socket, head) => resolve({ socket, head }))
        sent.once('response', (response) => {
          if (response.statusCode === 200) {
            response.destroy() // it would stream for ever, and we could say nothing
            reject(new EngineFault('What stands before the Docker daemon does not pass on the header "Upgrade: tcp".'))
          } else void readReply(response).then(resolve, (cause: unknown) => reject(unreachable(what, cause)))
        })
      }),
  }
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > replyBytesMax) throw new EngineFault(`The Docker daemon answered with more than ${replyBytesMax} bytes.`)
    chunks.push(part)
  }
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }
}

function unreachable({ method, path }: Ask, cause: unknown): EngineFault {
  if (cause instanceof EngineFault) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new EngineFault(`The Docker daemon did not answer ${method} ${path.split('?')[0]}: ${why}`, { cause })
}
