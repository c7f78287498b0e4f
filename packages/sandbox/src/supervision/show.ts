/**
 * Turns host paths that a program shall see into bubblewrap arguments: the real file or directory bound read-only, and
 * every symbolic link on the way made again, so that /usr/bin/java leads through /etc/alternatives to the JDK inside too.
 */
import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { EngineFault } from '../engine.ts'

export type Shown = {
  readonly links: ReadonlyMap<string, string>
  readonly binds: readonly { readonly host: string; readonly inside: string }[]
}

const linksMax = 40 // as the kernel's own limit of links in one path
/** Made by us inside, or windows into the host that no language needs. */
const never = ['/', '/proc', '/sys', '/dev', '/run', '/tmp', '/work', '/.crucible', '/etc', '/root', '/home', '/var']

export function resolveShown(paths: readonly string[]): Shown {
  const links = new Map<string, string>()
  const found = new Set<string>()
  for (const path of paths) {
    refuseOdd(path)
    found.add(walk(path, links))
  }
  // A directory brings what is below it: binding that again would cost a mount, and a link there could not be made.
  const binds = [...found].filter((path) => ![...found].some((other) => other !== path && isBelow(path, other))).sort()
  for (const link of [...links.keys()]) if (binds.some((bind) => isBelow(link, bind))) links.delete(link)
  return { links, binds: binds.map((path) => ({ host: path, inside: path })) }
}

export function refuseOdd(path: string): void {
  if (!isAbsolute(path) || normalize(path) !== path || never.includes(path) || insideNever(path)) {
    throw new EngineFault(`The path ${path} cannot be shown in a sandbox.`)
  }
}

const insideNever = (path: string) => ['/proc', '/sys', '/dev', '/work', '/.crucible'].some((parent) => isBelow(path, parent))

export function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory === '/' ? '/' : `${directory}/`)
}

/** Follows the path component by component, noting each link, to what it is really called. */
function walk(path: string, links: Map<string, string>): string {
  let real = '/'
  let rest = path.split('/').filter(Boolean)
  let followed = 0
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const here = join(real, name) // join also takes `..` of a link's target one up from where the link really is
    const target = linkTarget(here, path)
    if (target === null) {
      real = here
      continue
    }
    if (++followed > linksMax) throw new EngineFault(`The path ${path} has too many symbolic links to be shown in a sandbox.`)
    links.set(here, target)
    const ahead = [...target.split('/').filter(Boolean), ...rest]
    rest = ahead
    real = isAbsolute(target) ? '/' : dirname(here)
  }
  return real
}

function linkTarget(path: string, wanted: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null
  } catch (cause) {
    throw new EngineFault(`The path ${wanted}, which a program needs, does not exist on this machine.`, { cause })
  }
}
