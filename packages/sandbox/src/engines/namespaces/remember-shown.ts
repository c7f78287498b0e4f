/** Which files a language needs changes with the machine's packages and not from run to run: looked up once. */
import { statSync } from 'node:fs'
import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineFault, type Show } from '../../engine.ts'
import { ownLinks } from '../../supervision/base-files.ts'
import { basePaths, mergedDirectories } from '../../supervision/base-paths.ts'
import { isBelow, refuseOdd, resolveShown, type Shown } from '../../supervision/show.ts'
import type { Architecture } from '../../supervision/syscalls.ts'
import { atAttendant } from './arguments.ts'
import type { Attendant } from './attendant.ts'

const rememberedMax = 1000

export function rememberShown(attendant: Attendant, architecture: Architecture): (shows: readonly Show[]) => Promise<Shown> {
  const base = basePaths(architecture)
  const merged = mergedDirectories()
  const known = new Map<string, Promise<Shown>>()
  const brought = new Map<string, Promise<string>>()

  /** Host files that sandbox users may not be able to reach, bound by the attendant to where they can. */
  const bring = (host: string): Promise<string> => {
    const found = brought.get(host)
    if (found) return found
    const target = `${atAttendant.shown}/${brought.size}`
    const bound = statSync(host).isDirectory() ? copied(host, target) : attendant.request('bind', host, target).then(() => target)
    brought.set(host, bound)
    return bound
  }

  /** Small folders of ours: a bind would tell every program inside, in its list of mounts, where on the host we lie. */
  const copied = async (host: string, target: string): Promise<string> => {
    const place = attendant.root + target
    await mkdir(place)
    await chmod(place, 0o755) // whatever our umask and the modes of a checkout are
    for (const entry of await readdir(host, { withFileTypes: true })) {
      if (!entry.isFile()) continue
      await copyFile(join(host, entry.name), join(place, entry.name))
      await chmod(join(place, entry.name), 0o644)
    }
    return target
  }

  const look = async (shows: readonly Show[]): Promise<Shown> => {
    const plain = shows.filter((show) => typeof show === 'string')
    const pairs = shows.filter((show) => typeof show !== 'string')
    const { links, binds } = resolveShown([...base, ...plain])
    const moved = []
    for (const { host, inside } of pairs) {
      refuseOdd(inside)
      moved.push({ host: await bring(host), inside })
    }
    const all = [...binds, ...moved]
    const covered = (path: string) => all.some((bind) => bind.inside === path || isBelow(path, bind.inside))
    const own = [...ownLinks, ...merged].filter(([path]) => !covered(path))
    return { links: new Map([...own, ...links]), binds: all }
  }

  return (shows) => {
    const key = JSON.stringify(shows)
    const found = known.get(key)
    if (found) return found
    if (known.size >= rememberedMax) return Promise.reject(new EngineFault('Too many different sets of files to show.'))
    const looked = look(shows)
    known.set(key, looked)
    looked.catch(() => known.delete(key)) // what is missing may be installed later
    return looked
  }
}
