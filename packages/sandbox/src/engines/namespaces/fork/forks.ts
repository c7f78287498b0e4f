/** The fork server of one slot: which runs it serves, and when one is started for runs that keep coming. */
import type { RunSpec } from '../../../engine.ts'
import { environmentOf } from '../../../supervision/environment.ts'
import type { Shown } from '../../../supervision/show.ts'
import type { Station, StationDeps, StationSite } from '../station.ts'
import { type ForkServer, forkServerKey, startForkServer } from './server.ts'

/** `always` waits for a server before each run that can have one: for whoever proves that they hold what a cold start holds. */
export const forkServers = ['on-demand', 'never', 'always'] as const
export type ForkServers = (typeof forkServers)[number]

export type Forks = {
  /** A run of this slot's server; null when the run is to start cold. */
  take(spec: RunSpec): Promise<Station | null>
  /** After a run that started cold: from now on a server may be worth its memory. */
  consider(spec: RunSpec): void
  close(): Promise<void>
}

export type ForksDeps = StationDeps & {
  readonly forkServers: ForkServers
  readonly demand: Demand
  readonly shownFor: (paths: RunSpec['show']) => Promise<Shown>
}

const missesMax = 4 // runs of other kinds in a row until a slot's server makes room for one of theirs
const memoryBytesMin = 64 * 1024 * 1024 // below it a limit may be met by what the server itself has loaded

export function createForks(deps: ForksDeps, site: StationSite): Forks {
  let server: ForkServer | null = null
  let starting: Promise<void> | null = null
  let misses = 0
  let isClosed = false

  const keyOf = (spec: RunSpec) => {
    const isPossible = deps.forkServers !== 'never' && spec.limits.memoryBytes >= memoryBytesMin && deps.cgroups.name('any')
    return isPossible ? forkServerKey(spec) : null
  }
  const replace = async (key: string, spec: RunSpec) => {
    await server?.dispose()
    server = null
    const { forkServer, show } = spec
    if (isClosed || !forkServer) return
    const shown = await deps.shownFor([...show, ...forkServer.show])
    const words = spec.command.slice(0, forkServer.words)
    server = await startForkServer(deps, site, {
      key,
      words,
      env: environmentOf({ ...spec, env: { ...spec.env, ...forkServer.env } }, '/tmp'),
      shown,
    })
  }
  const start = (key: string, spec: RunSpec): Promise<void> => {
    misses = 0
    starting ??= replace(key, spec).finally(() => {
      starting = null
    })
    return starting
  }

  return {
    async take(spec) {
      const key = keyOf(spec)
      if (key === null || isClosed) return null
      if (deps.forkServers === 'always' && !(server?.key === key && server.isReady())) {
        await starting?.catch(() => {})
        await start(key, spec)
      }
      if (starting || server?.key !== key || !server.isReady()) return null
      misses = 0
      return server.station()
    },
    consider(spec) {
      const key = keyOf(spec)
      if (key === null || isClosed || starting || deps.forkServers !== 'on-demand' || !deps.demand.isWanted(key)) return
      if (server !== null && !server.hasEnded() && ++misses < missesMax) return
      start(key, spec).catch(() => deps.demand.forget(key)) // cold starts serve as well; the next demand tries again
    },
    async close() {
      isClosed = true
      await starting?.catch(() => {})
      await server?.dispose()
    },
  }
}

export type Demand = {
  /** Whether runs of this kind keep coming: the second within a minute says so. */
  isWanted(key: string): boolean
  forget(key: string): void
}

const demandMs = 60_000
const keysMax = 1_000

export function createDemand(nowMs: () => number): Demand {
  const lastAskedMs = new Map<string, number>()
  return {
    isWanted(key) {
      const last = lastAskedMs.get(key)
      lastAskedMs.delete(key) // so that the oldest come first
      lastAskedMs.set(key, nowMs())
      const [oldest] = lastAskedMs.keys()
      if (lastAskedMs.size > keysMax && oldest !== undefined) lastAskedMs.delete(oldest)
      return last !== undefined && nowMs() - last <= demandMs
    },
    forget: (key) => void lastAskedMs.delete(key),
  }
}
