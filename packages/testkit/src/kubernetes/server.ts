/** The API server's own part: requests, what they are called, who may make them, and the streams that some of them become. */
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type Access, type Rule, requireAllowed } from './access.ts'
import { type Quota, requireQuota } from './admission.ts'
import type { Controller, KubeEvent } from './controller.ts'
import type { ClusterNode } from './node.ts'
import { type Change, type Kube, matches, type Objects, type Resource } from './objects.ts'
import { notFound, Refusal } from './refusal.ts'
import { requireValid } from './schema.ts'

export type ServerDeps = {
  readonly namespace: string
  readonly token: string
  readonly rules: readonly Rule[]
  readonly tls: { readonly key: string; readonly cert: string } | null
  readonly objects: Objects
  readonly node: ClusterNode
  readonly controller: Controller
  readonly quota: Quota
  readonly events: readonly KubeEvent[]
  /** Each request by what it asked for. */
  readonly seen: Access[]
  /** Connections that a test may break: watches, logs, inputs. */
  readonly open: Map<'watch' | 'log' | 'attach', Set<Duplex>>
}

type Asked = Access & { readonly sub: string; readonly url: URL; readonly resourceName: Resource | 'events' }
const bodyBytesMax = 3 * 2 ** 20 // as a real one

export function apiServer(deps: ServerDeps): Server {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    handle(deps, request, response).catch((cause: unknown) => {
      const refusal = cause instanceof Refusal ? cause : new Refusal(500, 'InternalError', String(cause))
      if (!response.headersSent) send(response, refusal.code, refusal.status)
      else response.destroy()
    })
  }
  const server = deps.tls ? createSecure(deps.tls, answer) : createPlain(answer)
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => ['v5.channel.k8s.io', 'v4.channel.k8s.io'].find((each) => offered.has(each)) ?? false,
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      const asked = permitted(deps, request)
      // A connection that is upgraded has to be allowed to create as well, since Kubernetes 1.35.
      requireAllowed(deps.rules, note(deps, { ...accessOf(asked), verb: 'create' }))
      if (asked.sub !== 'attach') throw notFound('subresource', asked.sub)
      const input = deps.node.attach(asked.name, asked.url.searchParams.get('container') ?? '')
      sockets.handleUpgrade(request, socket, head, (client) => {
        remember(deps, 'attach', socket)
        client.on('message', (data: Buffer) => {
          if (data[0] === 0 && !input.write(data.subarray(1))) {
            client.pause()
            input.once('drain', () => client.resume())
          }
        })
        client.on('close', () => input.end()) // stdinOnce
      })
    } catch (cause) {
      const refusal = cause instanceof Refusal ? cause : new Refusal(500, 'InternalError', String(cause))
      const body = JSON.stringify(refusal.status)
      socket.end(
        `HTTP/1.1 ${refusal.code} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      )
    }
  })
  return server
}

async function handle(deps: ServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/version') {
    requireToken(deps, request)
    return send(response, 200, { major: '1', minor: '34', gitVersion: 'v1.34.0-simulated' })
  }
  const asked = permitted(deps, request)
  const { objects, node, controller } = deps
  const labelSelector = asked.url.searchParams.get('labelSelector')
  const resource = asked.resourceName
  if (asked.sub === 'log') return sendLog(deps, asked, response)
  if (resource === 'events')
    return send(response, 200, { kind: 'EventList', apiVersion: 'v1', metadata: {}, items: eventsFor(deps, asked) })
  switch (asked.verb) {
    case 'watch':
      return sendWatch(deps, asked, resource, response)
    case 'list': {
      const items = objects.all(resource).filter((object) => matches(labelSelector, object.metadata.labels))
      return send(response, 200, { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: objects.version() }, items })
    }
    case 'get': {
      const object = objects.get(resource, asked.name)
      if (object === undefined) throw notFound(resource, asked.name)
      return send(response, 200, object)
    }
    case 'create': {
      const given = JSON.parse(await bodyOf(request)) as Kube // the schema decides
      requireValid(given)
      if (given.metadata.namespace !== undefined && given.metadata.namespace !== deps.namespace)
        throw new Refusal(
          400,
          'BadRequest',
          'the namespace of the provided object does not match the namespace sent on the request',
        )
      if (objects.get(resource, given.metadata.name)) throw new Refusal(409, 'AlreadyExists', `${resource} already exists`)
      if (resource === 'jobs') requireQuota('jobs', given.metadata.name, objects.all('jobs').length, deps.quota)
      const made = objects.create(resource, given)
      if (resource === 'jobs') controller.created(made)
      return send(response, 201, made)
    }
    case 'delete': {
      const text = await bodyOf(request)
      if (text !== '') requireValid(JSON.parse(text))
      const removed = objects.remove(resource, asked.name)
      if (removed === undefined) throw notFound(resource, asked.name)
      if (resource === 'jobs') controller.deleted(removed)
      if (resource === 'pods') await node.kill(removed)
      return send(response, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
    }
    default:
      throw new Refusal(405, 'MethodNotAllowed', `no ${asked.verb}`)
  }
}

function requireToken(deps: ServerDeps, request: IncomingMessage): void {
  if (request.headers.authorization !== `Bearer ${deps.token}`) throw new Refusal(401, 'Unauthorized', 'Unauthorized')
}

function permitted(deps: ServerDeps, request: IncomingMessage): Asked {
  requireToken(deps, request)
  const asked = parse(deps, request)
  requireAllowed(deps.rules, note(deps, accessOf(asked)))
  return asked
}

function note(deps: ServerDeps, access: Access): Access {
  deps.seen.push(access)
  return access
}

const accessOf = ({ verb, group, resource, name }: Asked): Access => ({ verb, group, resource, name })

const groups: Readonly<Record<string, { group: string; resources: readonly (Resource | 'events')[] }>> = {
  '/api/v1': { group: '', resources: ['pods', 'events'] },
  '/apis/batch/v1': { group: 'batch', resources: ['jobs'] },
  '/apis/networking.k8s.io/v1': { group: 'networking.k8s.io', resources: ['networkpolicies'] },
}

function parse({ namespace }: ServerDeps, request: IncomingMessage): Asked {
  const url = new URL(request.url ?? '/', 'http://cluster')
  const [, prefix = '', inside = '', plural = '', name = '', sub = ''] =
    /^(\/api\/v1|\/apis\/[^/]+\/v1)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? []
  const known = groups[prefix]
  const resourceName = known?.resources.find((each) => each === plural)
  if (known === undefined || resourceName === undefined || inside !== namespace) throw notFound('path', url.pathname)
  const verbs: Readonly<Record<string, string>> = { POST: 'create', DELETE: name === '' ? 'deletecollection' : 'delete' }
  const isWatch = ['true', '1'].includes(url.searchParams.get('watch') ?? '')
  const verb = verbs[request.method ?? ''] ?? (isWatch ? 'watch' : name === '' ? 'list' : 'get')
  return { verb, group: known.group, resource: sub === '' ? plural : `${plural}/${sub}`, name, sub, url, resourceName }
}

function eventsFor({ events }: ServerDeps, { url }: Asked): object[] {
  const selector = url.searchParams.get('fieldSelector') ?? ''
  const wanted = Object.fromEntries(selector.split(',').map((term) => term.split('=')))
  return events
    .filter(({ job, reason }) => wanted['involvedObject.name'] === job && wanted['reason'] === reason)
    .map(({ job, reason, message }) => ({ metadata: { name: `${job}.1` }, reason, message, type: 'Warning' }))
}

function sendWatch(deps: ServerDeps, { url }: Asked, resource: Resource, response: ServerResponse): void {
  const selector = url.searchParams.get('labelSelector')
  const from = Number(url.searchParams.get('resourceVersion') ?? 0)
  const write = ({ type, object }: Change) => {
    if (matches(selector, object.metadata.labels)) response.write(`${JSON.stringify({ type, object })}\n`)
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  // What happened between the list and this: told as changes, which is what they were.
  for (const object of deps.objects.all(resource)) {
    if (Number(object.metadata.resourceVersion) > from) write({ type: 'MODIFIED', object })
  }
  const stop = deps.objects.watch(resource, write)
  const timer = setTimeout(() => response.end(), Number(url.searchParams.get('timeoutSeconds') ?? 300) * 1000)
  response.on('close', () => {
    stop()
    clearTimeout(timer)
  })
  response.flushHeaders()
  if (response.socket) remember(deps, 'watch', response.socket)
}

function sendLog(deps: ServerDeps, { name, url }: Asked, response: ServerResponse): void {
  const log = deps.node.log(name, url.searchParams.get('container') ?? '')
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  for (const chunk of log.written) response.write(chunk)
  if (url.searchParams.get('follow') !== 'true') return void response.end()
  log.follow({ take: (chunk) => void response.write(chunk), end: () => response.end() })
  if (response.socket) remember(deps, 'log', response.socket)
}

function remember({ open }: ServerDeps, kind: 'watch' | 'log' | 'attach', socket: Duplex): void {
  const all = open.get(kind) ?? new Set()
  open.set(kind, all.add(socket))
  socket.once('close', () => all.delete(socket))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyBytesMax) throw new Refusal(413, 'RequestEntityTooLarge', 'Request entity too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
