import type { Config } from '../config.ts'
import { createHttp } from './http.ts'
import type { Services } from './services.ts'

export type Api = { readonly url: string; stop(): Promise<void> }

/** Listens. `stop` takes nothing new, ends streams and waits, and resolves when every answer is out. */
export async function startApi(services: Services, settings: Config['settings']): Promise<Api> {
  const { db, evaluations } = services
  const app = await createHttp({
    ...services,
    handlers: evaluations.handlers,
    health: {
      database: async () => {
        await db.ping()
        return null
      },
      executors: async () => ((await evaluations.executorsPresent()) > 0 ? null : 'none has reported'),
    },
    requestsPerMinute: settings.CRUCIBLE_REQUESTS_PER_MINUTE,
    trustedProxies: settings.CRUCIBLE_TRUSTED_PROXIES,
  })
  const url = await listen(app, settings)
  return { url, stop: () => app.close() }
}

async function listen(
  app: Awaited<ReturnType<typeof createHttp>>,
  { HOST: host, PORT: port }: Config['settings'],
): Promise<string> {
  try {
    return shown(await app.listen({ host, port }))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'EADDRINUSE')
      throw new Error(`Something else listens on ${host}:${port}: stop it, or set PORT to another port.`, { cause })
    if (code === 'EACCES') throw new Error(`Port ${port} is not for ordinary users: set PORT to one from 1024 on.`, { cause })
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Error(`HOST is ${host}, which is no address of this machine.`, { cause })
    throw cause
  }
}

/** A browser cannot open the address that means all addresses. */
const shown = (url: string) => url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
