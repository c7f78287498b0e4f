/**
 * The root directory of a container. For now it is made of host paths: an empty tree with every link and every mount point,
 * over which the runtime mounts what is shown. An imported image becomes a second kind here, with nothing to show.
 */
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EngineFault, type Show } from '../engine.ts'
import { baseDirectory, ownLinks } from '../supervision/base-files.ts'
import { basePaths, mergedDirectories } from '../supervision/base-paths.ts'
import { isBelow, refuseOdd, resolveShown } from '../supervision/show.ts'
import type { Architecture } from '../supervision/syscalls.ts'
import type { Keeper } from './keeper.ts'
import { atKeeper, scratchDirectory, stationInside, workDirectory } from './places.ts'

export type Rootfs = {
  readonly directory: string // in the keeper's file system
  readonly binds: readonly { readonly host: string; readonly inside: string }[] // all read-only
}
export type RootfsFor = (shows: readonly Show[]) => Promise<Rootfs>

const rootsMax = 100 // of one sandbox; a job has two or three
const shownMax = 1000

/** Made once for each set of shown paths: the runs of a job mostly show the same. */
export function rememberRootfs(keeper: Keeper, architecture: Architecture): RootfsFor {
  const base = basePaths(architecture)
  const merged = mergedDirectories()
  const known = new Map<string, Promise<Rootfs>>()
  const brought = new Map<string, Promise<string>>()

  const bring = (host: string): Promise<string> => {
    const found = brought.get(host)
    if (found) return found
    if (brought.size >= shownMax) throw new EngineFault('Too many different files to show.')
    const target = `${atKeeper.shown}/${brought.size}`
    const shown = keeper.show(host, target).then(() => target)
    brought.set(host, shown)
    return shown
  }
  const make = async (shows: readonly Show[], directory: string): Promise<Rootfs> => {
    const plain = shows.filter((show) => typeof show === 'string')
    const { links, binds } = resolveShown([...base, ...plain])
    const moved: { host: string; inside: string }[] = []
    for (const show of shows) {
      if (typeof show === 'string') continue
      refuseOdd(show.inside)
      if (!statSync(show.host, { throwIfNoEntry: false })) {
        throw new EngineFault(`The path ${show.host}, which a program needs, does not exist on this machine.`)
      }
      moved.push({ host: await bring(show.host), inside: show.inside })
    }
    const all = [...binds, ...moved]
    const covered = (path: string) => all.some((bind) => bind.inside === path || isBelow(path, bind.inside))
    const own = [...ownLinks, ...merged].filter(([path]) => !covered(path))
    build(keeper.root, directory, new Map([...own, ...links]), all)
    return { directory, binds: all }
  }

  return (shows) => {
    const key = JSON.stringify(shows)
    const found = known.get(key)
    if (found) return found
    if (known.size >= rootsMax) return Promise.reject(new EngineFault('Too many different sets of files to show.'))
    const made = make(shows, `${atKeeper.roots}/${known.size}`)
    known.set(key, made)
    return made
  }
}

const mountPoints = ['/proc', '/sys', '/dev', '/etc', workDirectory, baseDirectory, stationInside]

function build(keeperRoot: string, directory: string, links: ReadonlyMap<string, string>, binds: Rootfs['binds']): void {
  const root = keeperRoot + directory
  mkdirSync(root, { mode: 0o755 })
  // Of this mode because a runtime gives the file system that it mounts there the mode of the directory.
  mkdirSync(join(root, scratchDirectory))
  chmodSync(join(root, scratchDirectory), 0o1777)
  for (const path of mountPoints) mkdirSync(join(root, path), { recursive: true, mode: 0o755 })
  for (const { host, inside } of binds) {
    const target = join(root, inside)
    if (statSync(keeperRoot + host).isDirectory()) mkdirSync(target, { recursive: true, mode: 0o755 })
    else {
      mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
      writeFileSync(target, '')
    }
  }
  for (const [path, target] of links) {
    mkdirSync(join(root, dirname(path)), { recursive: true, mode: 0o755 })
    symlinkSync(target, join(root, path))
  }
}
