/** The executor's two routes. Everything is bounded, and nothing is answered without the token. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { ExecutorStatus, JobEvent } from '@crucible/sandbox'
import { eventStream, line } from './event-stream.ts'
import type { Jobs } from './jobs.ts'
import type { Authorized } from './token.ts'

const bodyBytesMax = 16 * 1024 * 1024
const bodyMs = 30_000
const connectionsMax = 4096

export type HttpDeps = { readonly authorized: Authorized; readonly jobs: Jobs; readonly status: () => ExecutorStatus }

export function executorServer(deps: HttpDeps): Server {
  const server = createServer({ requestTimeout: bodyMs, headersTimeout: 10_000, maxHeaderSize: 8192 }, (request, response) => {
    answer(deps, request, response).catch(() => response.destroy()) // the caller went away while sending
  })
  // Never closed for idleness: a request on a connection that is just being closed would look like a lost job.
  server.keepAliveTimeout = 0
  server.maxConnections = connectionsMax
  return server
}

async function answer(deps: HttpDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!deps.authorized(request.headers.authorization)) return refuse(response, 401, null)
  const route = `${request.method} ${request.url}`
  if (route === 'GET /status') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(deps.status()))
  } else if (route === 'POST /jobs') await takeJob(deps.jobs, request, response)
  else refuse(response, 404, null)
}

async function takeJob(jobs: Jobs, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const before = jobs.turnedAway()
  if (before !== null) return refuse(response, 503, { type: 'fault', code: before, detail: 'no slot is free' })
  const body = await readBody(request)
  if (body === null) {
    return refuse(response, 413, { type: 'fault', code: 'invalid_job', detail: `a job has at most ${bodyBytesMax} bytes` })
  }
  const gone = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the caller has gone'))
  })
  // Asked again: others may have come while the body did.
  const now = jobs.turnedAway()
  if (now !== null) return refuse(response, 503, { type: 'fault', code: now, detail: 'no slot is free' })
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'x-content-type-options': 'nosniff' })
  await jobs.run(parseJson(body), eventStream(response), gone.signal)
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    // no encoding was set, so the chunks are bytes
    bytes += chunk.byteLength
    if (bytes > bodyBytesMax) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What is no JSON is answered like any other odd job: by its schema. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function refuse(response: ServerResponse, status: number, fault: Extract<JobEvent, { type: 'fault' }> | null): void {
  // The rest of a body that is not wanted is not read either.
  response
    .writeHead(status, { 'content-type': 'application/x-ndjson', connection: 'close' })
    .end(fault === null ? '' : line(fault))
}
