/**
 * Measures a process tree by looking into /proc: what is left where there are no cgroups. It approximates: what happens
 * between two looks is not seen.
 */
import { readdirSync, readFileSync } from 'node:fs'

export type TreeSample = { readonly processes: number; readonly memoryBytes: number; readonly cpuMs: number }

const ticksPerSecond = 100 // USER_HZ, part of the kernel's interface on every Linux
const pageBytes = pageSize()
const processesMax = 100_000

export function sampleTree(root: number): TreeSample {
  const sample = { processes: 0, memoryBytes: 0, cpuMs: 0 }
  for (const pid of walk(root)) {
    const stat = readStat(pid)
    if (!stat) continue
    sample.processes++
    sample.memoryBytes += stat.memoryBytes
    sample.cpuMs += stat.cpuMs
  }
  return sample
}

/** Shared pages divided among those who share them. Slow, so asked only when the cheap sum says that a limit is passed. */
export function exactMemoryBytes(root: number): number {
  let bytes = 0
  for (const pid of walk(root)) {
    try {
      bytes += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024
    } catch {
      bytes += readStat(pid)?.memoryBytes ?? 0 // it does not let us look: counted in full
    }
  }
  return bytes
}

/** `root` and all that descends from it, at this moment. */
export const processesBelow = (root: number): number[] => [...walk(root)]

function* walk(root: number): Generator<number> {
  const waiting = [root]
  for (let pid = waiting.pop(), count = 0; pid !== undefined && count < processesMax; pid = waiting.pop(), count++) {
    yield pid
    waiting.push(...childrenOf(pid))
  }
}

/** All threads, because a child belongs to the thread that started it. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return [] // it ended while we looked
  }
}

function readStat(pid: number): { memoryBytes: number; cpuMs: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may itself contain blanks and parentheses; what follows the last one does not.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const at = (number: number) => fields[number - 3] ?? 0 // numbered as in proc(5), where the state is field 3
    const ticks = at(14) + at(15) + at(16) + at(17) // user and system, own and of children waited for
    return { memoryBytes: at(24) * pageBytes, cpuMs: (ticks * 1000) / ticksPerSecond }
  } catch {
    return null
  }
}

function pageSize(): number {
  try {
    return Number(/KernelPageSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/smaps', 'utf8'))?.[1] ?? 4) * 1024
  } catch {
    return 4096
  }
}
