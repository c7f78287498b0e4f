import { Agent, type IncomingMessage, request } from 'node:http'
import { type ExecutorStatus, executorStatus, type JobEvent, jobEvent } from '@crucible/sandbox/spec'
import { describeEndpoint, type ExecutorEndpoint } from './endpoint.ts'
import { ExecutorFault } from './fault.ts'
import { lines } from './lines.ts'

const lineBytesMax = 16 * 1024 * 1024 // the longest is `finished` with a thousand test results
const answerMs = 15_000

export type ExecutorClient = {
  readonly name: string
  status(signal: AbortSignal): Promise<ExecutorStatus>
  /**
   * Starts a job (the JSON of a `Job`) and yields its events up to the one that ends it. Aborting the signal ends the
   * job there too. Throws ExecutorFault; whatever it throws is the platform's, never the program's.
   */
  run(job: Uint8Array, signal: AbortSignal): AsyncGenerator<JobEvent>
  close(): void
}

export function createExecutorClient(endpoint: ExecutorEndpoint): ExecutorClient {
  const name = describeEndpoint(endpoint)
  // Connections are kept: a connect per job costs as much as the rest of the request.
  const agent = new Agent({ keepAlive: true, maxSockets: 1024, maxFreeSockets: 64 })
  const call = (method: string, path: string, body: Uint8Array | null, signal: AbortSignal) =>
    answer({ ...endpoint.address, method, path, agent, signal, headers: headersFor(endpoint.token, body) }, body)

  return {
    name,
    async status(signal) {
      const response = await call('GET', '/status', null, AbortSignal.any([signal, AbortSignal.timeout(answerMs)]))
      for await (const line of lines(response, lineBytesMax)) return executorStatus.parse(JSON.parse(line.toString()))
      throw new ExecutorFault('lost', `${name} answered its status with nothing`)
    },
    async *run(job, signal) {
      // A job that is not taken is answered with its fault too, under another status.
      const response = await call('POST', '/jobs', job, signal)
      try {
        // Not destroyed when we leave after the last event: the connection then serves the next job.
        for await (const line of lines(response.iterator({ destroyOnReturn: false }), lineBytesMax)) {
          const event = jobEvent.parse(JSON.parse(line.toString()))
          yield event
          if (event.type !== 'finished' && event.type !== 'fault') continue
          response.resume()
          return
        }
      } catch (cause) {
        response.destroy()
        throw new ExecutorFault('lost', `the stream of ${name} broke`, cause)
      }
      if (response.statusCode !== 200) throw new ExecutorFault('unreachable', `${name} answered ${response.statusCode}`)
      throw new ExecutorFault('lost', `the stream of ${name} ended before the job did`)
    },
    close: () => agent.destroy(),
  }
}

const headersFor = (token: string, body: Uint8Array | null) => ({
  authorization: `Bearer ${token}`,
  ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': body.byteLength }),
})

/** The answer's head. No answer because nobody listens is `unreachable`; any other end without one is `lost`. */
function answer(options: Parameters<typeof request>[1] & object, body: Uint8Array | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options)
    const silence = setTimeout(() => outgoing.destroy(new Error(`no answer within ${answerMs} ms`)), answerMs)
    outgoing.on('response', (response) => {
      clearTimeout(silence)
      if (response.headers['content-type'] === ndjson || response.statusCode === 200) return resolve(response)
      response.resume()
      reject(new ExecutorFault('unreachable', `the executor answered ${response.statusCode}`))
    })
    outgoing.on('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(silence)
      const kind = nobodyListens.has(cause.code ?? '') ? 'unreachable' : 'lost'
      reject(new ExecutorFault(kind, `no answer from the executor: ${cause.message}`, cause))
    })
    outgoing.end(body ?? undefined)
  })
}

const ndjson = 'application/x-ndjson'
const nobodyListens = new Set(['ECONNREFUSED', 'ENOENT', 'EACCES', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'])
