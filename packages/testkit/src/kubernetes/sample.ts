/** What the processes of a container use, as a node's cgroups would count it, by looking into /proc now and then. */
import { readdirSync, readFileSync } from 'node:fs'

export type Sample = { memoryBytes: number; peakBytes: number; userMs: number; systemMs: number }

const tickMs = 10
const pageBytes = 4096
const processesMax = 10_000
/** All below the pod's own bubblewrap that is neither it, nor the program that starts containers, nor a bubblewrap. */
export function sampler(podPid: number): (memoryMax: number) => Sample {
  let peakBytes = 0
  return (memoryMax) => {
    const sample = { memoryBytes: 0, peakBytes: 0, userMs: 0, systemMs: 0 }
    const pids: number[] = []
    const waiting = childrenOf(podPid).flatMap(childrenOf).flatMap(childrenOf) // pod's bwrap → its pid 1 → pause → containers
    for (let pid = waiting.pop(); pid !== undefined && pids.length < processesMax; pid = waiting.pop()) {
      waiting.push(...childrenOf(pid))
      const stat = readText(`/proc/${pid}/stat`)
      if (stat === null || stat.includes('(bwrap)')) continue
      pids.push(pid)
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number)
      sample.memoryBytes += (fields[21] ?? 0) * pageBytes
      sample.userMs += ((fields[11] ?? 0) + (fields[13] ?? 0)) * tickMs
      sample.systemMs += ((fields[12] ?? 0) + (fields[14] ?? 0)) * tickMs
    }
    // Pages that several share were counted for each: looked at closely only when it matters, for that is slow.
    if (sample.memoryBytes > memoryMax) sample.memoryBytes = pids.reduce((sum, pid) => sum + shareOf(pid), 0)
    peakBytes = Math.max(peakBytes, sample.memoryBytes)
    return { ...sample, peakBytes }
  }
}

function shareOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0) * 1024
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      (readText(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return []
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null // it ended while we looked
  }
}
