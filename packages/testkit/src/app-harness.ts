import { routes } from '@crucible/contracts'
import type { FastifyInstance } from 'fastify'
import type { Actor } from '../../../apps/server/src/modules/identity/index.ts'
import { type Db, openDb } from '../../../apps/server/src/platform/db/index.ts'
import type { Handlers, HealthChecks } from '../../../apps/server/src/platform/http/index.ts'
import { type NewId, newIds, systemRandomness } from '../../../apps/server/src/platform/ids/index.ts'
import { createLog, type Log } from '../../../apps/server/src/platform/telemetry/index.ts'
import { createHttp } from '../../../apps/server/src/roles/http.ts'
import { type TurnableClock, turnableClock } from './clock.ts'
import { freshDatabase, type TestDatabase } from './database.ts'
import { buildTenant, type Tenant } from './tenants.ts'

export type HandlerDeps = {
  readonly db: Db
  readonly clock: TurnableClock
  readonly newId: NewId
  readonly log: Log
  readonly ownerUrl: string
}
export type HarnessOptions = {
  /** The handlers that the test needs; a route without one answers `internal`. */
  readonly handlers?: (deps: HandlerDeps) => Partial<Handlers<Actor>> | Promise<Partial<Handlers<Actor>>>
  readonly health?: HealthChecks
  readonly requestsPerMinute?: number
  readonly webFolder?: string
}
export type Answer = {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
  readonly body: unknown
}
export type Ask = { readonly body?: unknown; readonly headers?: Record<string, string> }
export type Caller = Tenant & {
  get(path: string, ask?: Ask): Promise<Answer>
  post(path: string, body?: unknown, ask?: Ask): Promise<Answer>
  put(path: string, body?: unknown, ask?: Ask): Promise<Answer>
}
export type Harness = HandlerDeps & {
  readonly app: FastifyInstance
  readonly database: TestDatabase
  readonly alice: Caller
  readonly bob: Caller // of another organization
  /** A caller with this key's rights, or without any. */
  as(tenant: Tenant | null): Pick<Caller, 'get' | 'post' | 'put'>
  /** Listens on a port of its own choice, for what only a real connection shows. */
  listen(): Promise<string>
  close(): Promise<void>
}

/** The real HTTP application over a database of its own, with two organizations. */
export async function appHarness(options: HarnessOptions = {}): Promise<Harness> {
  const database = await freshDatabase()
  const clock = turnableClock()
  const log = createLog('test', 'silent')
  const db = await openDb({ ownerUrl: database.ownerUrl, connectionsMax: 8, onFault: () => {} })
  const newId = newIds(clock, systemRandomness)
  const deps: HandlerDeps = { db, clock, newId, log, ownerUrl: database.ownerUrl }
  const app = await createHttp({
    ...deps,
    handlers: { ...missingHandlers(), ...(await options.handlers?.(deps)) },
    health: options.health ?? {},
    requestsPerMinute: options.requestsPerMinute ?? 1_000_000,
    trustedProxies: '',
    ...(options.webFolder === undefined ? {} : { webFolder: options.webFolder }),
  })
  await app.ready()
  const as = (tenant: Tenant | null) => callerOf(app, tenant)
  const [alice, bob] = await Promise.all([buildTenant(deps, 'alice'), buildTenant(deps, 'bob')])
  return {
    ...deps,
    app,
    database,
    as,
    alice: { ...alice, ...as(alice) },
    bob: { ...bob, ...as(bob) },
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
    async close() {
      await app.close()
      await db.close()
      await database.drop()
    },
  }
}

function callerOf(app: FastifyInstance, tenant: Tenant | null): Pick<Caller, 'get' | 'post' | 'put'> {
  const credential: Record<string, string> = tenant === null ? {} : { authorization: `Bearer ${tenant.key}` }
  const send = async (method: 'GET' | 'POST' | 'PUT', path: string, { body, headers }: Ask): Promise<Answer> => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const response = await app.inject({
      method,
      url: path.startsWith('/api') ? path : `/api/v1${path}`,
      headers: { ...credential, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { payload: isRaw ? Buffer.from(body) : JSON.stringify(body) }),
    })
    const isJson = /json/.test(String(response.headers['content-type']))
    return {
      status: response.statusCode,
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
      text: response.payload,
      body: isJson ? JSON.parse(response.payload) : null,
    }
  }
  return {
    get: (path, ask = {}) => send('GET', path, ask),
    post: (path, body, ask = {}) => send('POST', path, { ...ask, body }),
    put: (path, body, ask = {}) => send('PUT', path, { ...ask, body }),
  }
}

function missingHandlers(): Handlers<Actor> {
  const missing = async (): Promise<never> => {
    throw new Error('this harness was built without a handler for the route')
  }
  return Object.fromEntries(Object.keys(routes).map((name) => [name, missing])) as unknown as Handlers<Actor> // never fits every reply
}
