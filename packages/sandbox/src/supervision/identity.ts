/**
 * As whom sandboxes run. bwrap started by real root maps its programs to host root, which then write
 * /proc/sys/kernel/core_pattern: an escape, not a sandbox. So root gives every slot a host user of its own, and an ordinary
 * user gets a user namespace in which it may mount but is not root either.
 */
import { Obstacle } from '../obstacle.ts'

export type Identity =
  | { readonly kind: 'slots'; readonly uidBase: number } // slot n runs as uid and gid uidBase + n
  | { readonly kind: 'single'; readonly outer: number; readonly inner: number } // all slots are the executor's own user

export const defaultUidBase = 1_900_000_000
const nobody = 65_534

type Person = { readonly euid: number; readonly uidMap: string; readonly gidMap: string }

/** Detects rather than believes: what counts is what the kernel says about this process. */
export function chooseIdentity(person: Person, slots: number, uidBase: number | null): Identity {
  if (person.euid !== 0) return { kind: 'single', outer: person.euid, inner: person.euid }
  const first = uidBase ?? defaultUidBase
  if (first > 0 && covers(person.uidMap, first, slots) && covers(person.gidMap, first, slots))
    return { kind: 'slots', uidBase: first }
  // Root of a user namespace that is somebody ordinary outside (`unshare --map-root-user`): as harmless as that somebody.
  if (outsideOf(person.uidMap, 0) !== 0 && uidBase === null) return { kind: 'single', outer: 0, inner: nobody }
  throw new Obstacle(
    `The user ids ${first} to ${first + slots - 1}, one for each sandbox slot, do not exist in this container's user namespace.`,
    'Set CRUCIBLE_UID_BASE to the first of a free range that /proc/self/uid_map and /proc/self/gid_map contain.',
  )
}

function lines(map: string): { inside: number; outside: number; count: number }[] {
  return map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([inside = 0, outside = 0, count = 0]) => ({ inside, outside, count }))
}

function covers(map: string, first: number, count: number): boolean {
  return lines(map).some((line) => first >= line.inside && first + count <= line.inside + line.count)
}

function outsideOf(map: string, id: number): number | null {
  const line = lines(map).find(({ inside, count }) => id >= inside && id < inside + count)
  return line ? line.outside + (id - line.inside) : null
}
