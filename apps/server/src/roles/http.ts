import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Actor, allow, authenticate } from '../modules/identity/index.ts'
import { describeMe } from '../modules/projects/index.ts'
import type { Clock } from '../platform/clock/index.ts'
import type { Db } from '../platform/db/index.ts'
import { createApp, type Handlers, type HealthChecks } from '../platform/http/index.ts'
import type { NewId } from '../platform/ids/index.ts'
import type { Log } from '../platform/telemetry/index.ts'

export type HttpDeps = {
  readonly db: Db
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  /** Every route but those of identity and projects, which are answered here. */
  readonly handlers: Omit<Handlers<Actor>, 'me'>
  readonly health: HealthChecks
  readonly requestsPerMinute: number
  readonly trustedProxies: string
  readonly webFolder?: string
}

const repository = join(import.meta.dirname, '../../../..')

/** The HTTP application, wired to who may ask and to who answers. */
export const createHttp = (deps: HttpDeps): Promise<FastifyInstance> =>
  createApp<Actor>({
    handlers: { ...deps.handlers, me: async ({ actor }) => ({ status: 200, body: await describeMe(deps.db, actor) }) },
    gate: { authenticate: (authorization) => authenticate(deps, authorization), allow, nameOf: ({ apiKeyId }) => apiKeyId },
    limits: {
      requestsPerMinute: deps.requestsPerMinute,
      failedLoginsPerMinute: 60,
      batchBytesMax: 512 * 1024 * 1024,
      clockMs: () => performance.now(),
    },
    health: deps.health,
    newId: deps.newId,
    log: deps.log,
    version: '0.1.0',
    webFolder: deps.webFolder ?? join(repository, 'apps/web/dist'),
    trustedProxies: deps.trustedProxies,
  })
