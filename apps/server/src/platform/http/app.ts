import type { RouteName } from '@crucible/contracts'
import helmet from '@fastify/helmet'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { NewId } from '../ids/index.ts'
import { refuse } from '../refusal/index.ts'
import type { Log } from '../telemetry/index.ts'
import { promptClosing } from './closing.ts'
import type { Handler } from './handler.ts'
import { type HealthChecks, registerHealth } from './health.ts'
import { parseJson } from './json.ts'
import { openApi } from './openapi.ts'
import { answerError } from './problem.ts'
import { registerReference } from './reference.ts'
import { type Gate, type RouteLimits, registerRoutes } from './route.ts'
import { contentSecurityPolicy } from './security-headers.ts'
import { requestSignals } from './signals.ts'
import { registerWebApp } from './web-app.ts'

export type AppOptions<A> = {
  /** One for each route of the contract. */
  readonly handlers: { readonly [N in RouteName]: Handler<N, A> }
  readonly gate: Gate<A>
  readonly limits: RouteLimits
  readonly health: HealthChecks
  readonly newId: NewId
  readonly log: Log
  readonly version: string
  /** The built web app; a folder that does not exist is answered with how to build it. */
  readonly webFolder: string
  /** Proxies whose X-Forwarded-For is believed: addresses or networks, comma-separated; empty for none. */
  readonly trustedProxies: string
}

/** The whole HTTP surface: the contract's routes and nothing else under /api, health, reference, web app. */
export async function createApp<A>(options: AppOptions<A>): Promise<FastifyInstance> {
  const { log, newId } = options
  const loggerInstance: FastifyBaseLogger = log
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }), // a line a request costs more than the request; faults are logged with its id
    genReqId: () => newId('req'), // never the caller's: it would put their text into our log
    requestIdHeader: false,
    routerOptions: { maxParamLength: 4_096 }, // an overlong id is an unknown one, not an unknown route
    exposeHeadRoutes: false,
    trustProxy: options.trustedProxies === '' ? false : options.trustedProxies,
    bodyLimit: 64 * 1024, // each route of the contract names its own
    requestTimeout: 300_000, // for the whole of a request's body; a batch may stream for minutes
    keepAliveTimeout: 72_000, // longer than the usual proxy's, so that it is never we who close under its request
    forceCloseConnections: 'idle',
    return503OnClosing: false, // while we drain, what is asked for is still answered
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, log),
  })
  const closePromptly = promptClosing(app.server)
  app.addHook('preClose', async () => closePromptly())
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log))
  app.setNotFoundHandler(async () => {
    throw refuse('not_found')
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => parseJson(body))
  app.addContentTypeParser('application/x-ndjson', async (_request: unknown, stream: unknown) => stream)
  await app.register(helmet, { contentSecurityPolicy, crossOriginEmbedderPolicy: false, strictTransportSecurity: false })

  registerRoutes(app, {
    handlers: options.handlers,
    gate: options.gate,
    limits: options.limits,
    log,
    signalOf: requestSignals(app),
  })
  registerHealth(app, options.health)
  await registerReference(app, () => openApi(options.version))
  await registerWebApp(app, options.webFolder)
  return app
}
