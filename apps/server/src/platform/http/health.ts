import type { FastifyInstance } from 'fastify'

/** Each names what it found wrong, or null. */
export type HealthChecks = Readonly<Record<string, () => Promise<string | null>>>

const cachedMs = 1_000
const checkMs = 1_000

/**
 * `/healthz`: this process answers, whatever else is down, so that nobody restarts it for another's fault.
 * `/readyz`: it can do its work now. Asked at most once a second however often it is called, and bounded in time.
 */
export function registerHealth(app: FastifyInstance, checks: HealthChecks): void {
  let cached: { atMs: number; found: Promise<Record<string, string>> } | null = null

  app.route({ method: ['GET', 'HEAD'], url: '/healthz', handler: async (_request, reply) => reply.send({ status: 'ok' }) })
  app.route({
    method: ['GET', 'HEAD'],
    url: '/readyz',
    async handler(_request, reply) {
      const nowMs = performance.now()
      if (cached === null || nowMs - cached.atMs >= cachedMs) cached = { atMs: nowMs, found: runChecks(checks) }
      const found = await cached.found
      const isReady = Object.values(found).every((state) => state === 'ok')
      if (!isReady) reply.header('retry-after', 1)
      return reply
        .code(isReady ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ status: isReady ? 'ok' : 'unavailable', checks: found })
    },
  })
}

async function runChecks(checks: HealthChecks): Promise<Record<string, string>> {
  const found = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await withinTime(check)] as const))
  return Object.fromEntries(found)
}

/** Only our own words are shown: an error's text may hold an address or a user name. */
function withinTime(check: () => Promise<string | null>): Promise<string> {
  const slow = new Promise<string>((resolve) => setTimeout(resolve, checkMs, `no answer within ${checkMs} ms`).unref())
  const asked = check().then(
    (wrong) => wrong ?? 'ok',
    () => 'failed',
  )
  return Promise.race([asked, slow])
}
