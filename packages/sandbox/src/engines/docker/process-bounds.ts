/** From the most processes that a program may have to the two bounds that a container has. */
import type { Runtime } from './settings.ts'

export type ProcessBounds = {
  /** Docker's PidsLimit: a control group of the daemon's kernel. */
  readonly group: number
  /** RLIMIT_NPROC inside: it counts what the sandbox's user has in that kernel, the guard too. */
  readonly user: number
  /** The group is the first to refuse, and remembers that it did. */
  readonly groupRefuses: boolean
}

const guard = 1
const keeper = 1
/** The runtime's own first process has some threads before it becomes the guard: with less, none may start. */
const groupMin = 16
/** So that the group refuses before the resource limit does. */
const behindGroup = 16
/** runsc is a process of the group with threads of its own, and has one more for each of the program's. */
const kernelThreads = 256

export function processBounds(runtime: Runtime, processes: number): ProcessBounds {
  // A kernel of its own knows neither the keeper, which has another, nor a group of ours.
  if (runtime === 'runsc') return { group: 2 * (processes + guard) + kernelThreads, user: processes + guard, groupRefuses: false }
  const group = processes + guard
  if (group < groupMin) return { group: groupMin, user: group + keeper, groupRefuses: false }
  return { group, user: group + keeper + behindGroup, groupRefuses: true }
}
