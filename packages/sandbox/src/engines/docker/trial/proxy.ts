/** For tests: what stands before the Docker daemon and denies every call but those that the guide names. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'

export type CallProxy = {
  readonly host: string // as --docker-host takes it
  /** Every call that was let through, without its version and name: `POST /containers/…/start`. */
  readonly passed: Set<string>
  /** Every call that was not, as it came. */
  readonly denied: string[]
  /** The status with which a GET of this path is answered; `denied` does not count it. */
  ask(path: string): Promise<number>
  close(): Promise<void>
}

const guide = new URL('../../../../../../docs/guides/docker-engine.md', import.meta.url)

/** The lines `METHOD ^pattern$` of the guide: what it says is what is tested. */
function allowedCalls(): { method: string; path: RegExp }[] {
  const block = /```calls\n([\s\S]*?)```/.exec(readFileSync(guide, 'utf8'))?.[1] ?? ''
  const lines = block.split('\n').filter((line) => line !== '')
  if (lines.length === 0) throw new Error('The guide names no calls.')
  return lines.map((line) => {
    const [method = '', pattern = ''] = line.split(/\s+/)
    return { method, path: new RegExp(pattern) }
  })
}

export async function startProxy(socketPath: string, daemon: string): Promise<CallProxy> {
  const allowed = allowedCalls()
  const passed = new Set<string>()
  const denied: string[] = []
  const passes = ({ method = '', url = '' }: IncomingMessage) => {
    const path = url.split('?')[0] ?? ''
    const fine = allowed.some((call) => call.method === method && call.path.test(path))
    if (fine) passed.add(`${method} ${path.replace(/^\/v[\d.]+/, '').replace(/(crucible-[^/]+|(?<=images\/).*(?=\/json))/, '…')}`)
    else denied.push(`${method} ${path}`)
    return fine
  }
  const server = createServer((incoming, outgoing) => {
    if (!passes(incoming)) return void outgoing.writeHead(403).end('denied by the proxy')
    const { method, url, headers } = incoming
    const onward = request({ socketPath: daemon, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      outgoing.flushHeaders()
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  server.on('upgrade', (incoming, near, head) => {
    if (!passes(incoming)) return void near.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
    const far = connect(daemon)
    const { rawHeaders: raw } = incoming
    const headers = raw.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${raw[at + 1]}`] : []))
    far.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    far.write(head)
    near.pipe(far).pipe(near)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  server.listen(socketPath)
  await once(server, 'listening')
  return {
    host: `unix://${socketPath}`,
    passed,
    denied,
    ask: (path) =>
      new Promise((resolve, reject) => {
        const sent = request({ socketPath, path }, (answer) => {
          answer.resume()
          denied.pop()
          resolve(answer.statusCode ?? 0)
        })
        sent.once('error', reject)
        sent.end()
      }),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
