import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void
export type Asked = { readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: string }

/**
 * Plays one scripted answer for each request, in order, and keeps what was asked: for the edge cases of a protocol that
 * a healthy server cannot be made to show. After the last answer it hangs up. It imitates no logic of ours.
 */
export async function scriptedServer(answers: readonly Answer[]) {
  const left = [...answers]
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    asked.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() })
    const answer = left.shift() ?? hangUp
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // an object, because it listens on TCP
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, asked, stop }
}

export const hangUp: Answer = (_, response) => response.destroy()

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  json(
    status,
    {
      type: `urn:crucible:problem:${code}`,
      title: 'A title.',
      status,
      code,
      requestId: 'req_1',
      detail: 'A detail.',
      errors: [{ pointer: '/code', detail: 'is odd' }],
    },
    headers,
  )

/** An event stream that is sent and then ended, cut off, or left open in silence. */
export const events =
  (text: string, then: 'end' | 'cut' | 'stall' = 'end'): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (then === 'end') response.end(text)
    else response.write(text, () => then === 'cut' && response.destroy())
  }
