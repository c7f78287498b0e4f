/**
 * The seven calls of the Docker Engine API that this engine makes, and no other: a proxy in front of the daemon can deny
 * the rest. Each has a deadline, and is an EngineFault when refused.
 */
import type { Duplex } from 'node:stream'
import { z } from 'zod'
import { EngineFault } from '../../engine.ts'
import type { ContainerConfig } from './container.ts'
import type { Http, Reply } from './http.ts'

export type Image = {
  readonly id: string
  readonly architecture: string
  readonly os: string
  readonly server: string // 'Docker/20.10.24 (linux)'
  readonly api: string // the newest version that both sides know: '1.41'
}

export type Calls = {
  /** Null: the daemon has no such image. */
  inspectImage(name: string, signal: AbortSignal): Promise<Image | null>
  create(name: string, config: ContainerConfig, signal: AbortSignal): Promise<void>
  attach(name: string, signal: AbortSignal): Promise<{ socket: Duplex; head: Buffer }>
  start(name: string, signal: AbortSignal): Promise<void>
  /** Resolves with the exit code when the container has ended and the daemon has removed it. */
  wait(name: string, signal: AbortSignal): Promise<number>
  /** Quiet when it is not running any more. */
  kill(name: string): Promise<void>
  /** With its anonymous volume, whatever it does. Quiet when it is not there. */
  remove(name: string): Promise<void>
}

const deadlineMs = 30_000
const apiOldest = 41 // 1.41: private control group namespaces
const apiNewest = 47 // the newest that we have read; a later daemon speaks it too

const inspected = z.object({ Id: z.string(), Architecture: z.string(), Os: z.string() })
const waited = z.object({ StatusCode: z.int(), Error: z.object({ Message: z.string() }).nullish() })
const complaint = z.object({ message: z.string() })

export function dockerCalls(http: Http): Calls {
  let version = '' // unversioned until the first answer has told which versions there are
  const soon = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  const container = (name: string, act = '') => `${version}/containers/${encodeURIComponent(name)}${act}`

  return {
    async inspectImage(name, signal) {
      const reply = await http.ask({ method: 'GET', path: `${version}/images/${name}/json`, signal: soon(signal) })
      if (reply.status === 404) return null
      const { Id, Architecture, Os } = inspected.parse(JSON.parse(expectStatus(reply, [200], `to inspect the image ${name}`)))
      const api = agreedVersion(reply)
      version = `/v${api}`
      return { id: Id, architecture: Architecture, os: Os, server: String(reply.headers['server'] ?? 'Docker'), api }
    },
    async create(name, config, signal) {
      const path = `${version}/containers/create?name=${encodeURIComponent(name)}`
      const reply = await http.ask({ method: 'POST', path, body: config, signal: soon(signal) })
      expectStatus(reply, [201], 'to create a container')
    },
    async attach(name, signal) {
      const path = container(name, '/attach?stream=1&stdin=1&stdout=1&stderr=1')
      const reply = await http.hijack({ method: 'POST', path, signal: soon(signal) })
      if ('socket' in reply) return reply
      expectStatus(reply, [], 'to attach to a container')
      throw new EngineFault('unreachable: no status is expected') // for the type alone
    },
    async start(name, signal) {
      const reply = await http.ask({ method: 'POST', path: container(name, '/start'), signal: soon(signal) })
      expectStatus(reply, [204], 'to start a container')
    },
    async wait(name, signal) {
      const reply = await http.ask({ method: 'POST', path: container(name, '/wait?condition=removed'), signal })
      const { StatusCode, Error: error } = waited.parse(JSON.parse(expectStatus(reply, [200], 'to wait for a container')))
      if (error?.Message) throw new EngineFault(`The Docker daemon lost a container: ${error.Message}`)
      return StatusCode
    },
    async kill(name) {
      const reply = await http.ask({
        method: 'POST',
        path: container(name, '/kill?signal=KILL'),
        signal: AbortSignal.timeout(deadlineMs),
      })
      expectStatus(reply, [204, 404, 409], 'to kill a container') // 409: it is not running
    },
    async remove(name) {
      const reply = await http.ask({
        method: 'DELETE',
        path: container(name, '?force=1&v=1'),
        signal: AbortSignal.timeout(deadlineMs),
      })
      expectStatus(reply, [204, 404, 409], 'to remove a container') // 409: the daemon is removing it already
    },
  }
}

function expectStatus(reply: Reply, expected: readonly number[], what: string): string {
  if (expected.includes(reply.status)) return reply.text
  throw new EngineFault(`The Docker daemon refused ${what} (${reply.status}): ${messageOf(reply.text)}`)
}

function messageOf(text: string): string {
  try {
    return complaint.parse(JSON.parse(text)).message
  } catch {
    return text.trim().slice(0, 300) || 'no reason was given' // a proxy's own words
  }
}

function agreedVersion({ headers }: Reply): string {
  const minor = Number(/^1\.(\d+)$/.exec(String(headers['api-version'] ?? ''))?.[1])
  if (!(minor >= apiOldest)) {
    throw new EngineFault(
      `The Docker daemon speaks API version ${headers['api-version'] ?? 'unknown'}; 1.${apiOldest} (Docker 20.10) is needed.`,
    )
  }
  return `1.${Math.min(minor, apiNewest)}`
}
