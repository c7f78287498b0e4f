/**
 * One place for one sandbox, with a user of its own. It has two sites, so that while a program runs at one, bwrap for the
 * next program is already being started at the other.
 */
import { mkdirSync } from 'node:fs'
import { EngineFault } from '../../engine.ts'
import { atAttendant } from './arguments.ts'
import { createForks, type Forks, type ForksDeps } from './fork/forks.ts'
import { ownPipes } from './fork/pipes.ts'
import { furnishSite, prepareStation, type Station, type StationSite } from './station.ts'

export type Slot = {
  readonly owner: { readonly uid: number; readonly gid: number; readonly foreign: boolean }
  readonly workInside: string
  readonly workOutside: string
  readonly forks: Forks
  /** The prepared station; the next one is being prepared from the moment `prepareNext` is called. */
  takeStation(): Promise<Station>
  prepareNext(): void
  /** After a run: clears the station's site for the next. */
  giveBack(station: Station): void
  /** Resolves when what was given back is gone: no cgroup, no process. */
  cleared(): Promise<void>
  close(): Promise<void>
}

export async function makeSlot(deps: ForksDeps, index: number, owner: Slot['owner']): Promise<Slot> {
  const inside = `${atAttendant.slots}/${index}`
  const outside = deps.attendant.root + inside
  mkdirSync(outside, { mode: 0o755 })
  const work = `${inside}/place/work` // alone in its directory, which is all that a fork server sees of the slot
  const workOutside = deps.attendant.root + work
  mkdirSync(workOutside, { mode: 0o755, recursive: true })
  const sites = ['fork', 'a', 'b'].map(
    (name): StationSite => ({
      key: `${index}-${name}`,
      inside: `${inside}/${name}`,
      outside: `${outside}/${name}`,
      work,
      owner,
    }),
  )
  const [forkSite, ...stationSites] = sites as [StationSite, StationSite, StationSite] // of the three names above
  for (const site of stationSites) await furnishSite(deps, site)
  await furnishSite(deps, forkSite, ownPipes)
  const forks = createForks(deps, forkSite)

  const free = [...stationSites]
  const siteOf = new Map<Station, StationSite>()
  let cleaning: Promise<void> = Promise.resolve()
  let next: Promise<Station> | null = null
  let closed = false

  const prepare = async (): Promise<Station> => {
    if (free.length === 0) await cleaning
    const site = free.shift()
    if (!site) throw new EngineFault('Two programs at once in one sandbox.')
    try {
      const station = await prepareStation(deps, site)
      siteOf.set(station, site)
      return station
    } catch (cause) {
      free.push(site)
      throw cause
    }
  }
  const prepareNext = () => {
    if (closed || next) return
    next = prepare()
    next.catch(() => {}) // told to whoever takes it
  }
  const clear = async (station: Station) => {
    const site = siteOf.get(station)
    siteOf.delete(station)
    await station.dispose()
    if (site) free.push(site) // a fork server keeps its own
  }
  prepareNext()
  await next

  return {
    owner,
    forks,
    workInside: work,
    workOutside,
    takeStation() {
      prepareNext()
      const taken = next
      next = null
      return taken ?? Promise.reject(new EngineFault('The engine is closing.'))
    },
    prepareNext,
    giveBack(station) {
      cleaning = clear(station)
      cleaning.catch(() => {}) // a site that could not be cleared is not used again; the next prepare says so
    },
    cleared: () => cleaning.catch(() => {}),
    async close() {
      closed = true
      await cleaning.catch(() => {})
      const left = await next?.catch(() => null)
      next = null
      if (left) await left.dispose()
      await forks.close()
    },
  }
}
