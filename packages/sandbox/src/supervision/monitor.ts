/**
 * Looks at a running tree from time to time and says when a limit is passed: often near a limit, rarely far from it. The
 * earliest moment at which CPU time can run out is known, because nothing can use more than all processors at once.
 */
import { availableParallelism } from 'node:os'
import type { Cgroup } from '../cgroups/driver.ts'
import type { Limits } from '../spec.ts'
import type { Intervention } from './ending.ts'
import { exactMemoryBytes, sampleTree } from './tree.ts'

export type Peaks = { memoryBytes: number; processes: number; cpuMs: number }

export type Monitor = {
  /** What sampling saw; zeros where cgroups count. */
  readonly peaks: Peaks
  stop(): void
}

const pauseMinMs = 5
const pauseMaxMs = 100 // also how late we may learn that the kernel killed a part of the tree for memory
const samplePauseMaxMs = 20 // sampling only sees what is there when it looks

export function monitor(
  tree: { cgroup: Cgroup | null; rootPid: number; cpuBeforeMs: number },
  limits: Limits,
  intervene: (why: Intervention) => void,
): Monitor {
  const peaks: Peaks = { memoryBytes: 0, processes: 0, cpuMs: 0 }
  const processors = availableParallelism()
  let timer: NodeJS.Timeout | null = null

  const look = (): number => {
    if (tree.cgroup) {
      const seen = tree.cgroup.read()
      const cpuMs = seen.cpuUserMs + seen.cpuSystemMs - tree.cpuBeforeMs
      if (seen.oomKills > 0) intervene('memory')
      else if (cpuMs > limits.cpuMs) intervene('cpu_time')
      return Math.min(pauseMaxMs, (limits.cpuMs - cpuMs) / processors)
    }
    const seen = sampleTree(tree.rootPid)
    peaks.memoryBytes = Math.max(peaks.memoryBytes, seen.memoryBytes)
    peaks.processes = Math.max(peaks.processes, seen.processes)
    peaks.cpuMs = Math.max(peaks.cpuMs, seen.cpuMs)
    if (seen.memoryBytes > limits.memoryBytes && exactMemoryBytes(tree.rootPid) > limits.memoryBytes) intervene('memory')
    else if (peaks.cpuMs > limits.cpuMs) intervene('cpu_time')
    return Math.min(samplePauseMaxMs, (limits.cpuMs - peaks.cpuMs) / processors)
  }
  const schedule = (pauseMs: number) => {
    timer = setTimeout(() => schedule(look()), Math.max(pauseMinMs, pauseMs))
  }
  schedule(Math.min(tree.cgroup ? pauseMaxMs : pauseMinMs, limits.cpuMs / processors))
  return {
    peaks,
    stop: () => {
      if (timer) clearTimeout(timer)
    },
  }
}
