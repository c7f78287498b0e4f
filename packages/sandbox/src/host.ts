/** How busy the machine is, as far as it tells: what to know of a verdict whose program was close to a time limit. */
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import type { HostReading } from './spec.ts'

const clockTicksPerSecond = 100 // of /proc on every Linux that Node runs on
const freshMs = 100 // a run of milliseconds moves neither figure, and a machine with many processors takes long to tell

/** At most `freshMs` old. */
export function createHostReader(nowMs: () => number, readStat: () => string = readProcStat): () => HostReading {
  let known: { readonly atMs: number; readonly reading: HostReading } | null = null
  return () => {
    const now = nowMs()
    if (known === null || now - known.atMs > freshMs)
      known = { atMs: now, reading: { loadAverage: loadavg()[0] ?? 0, stealMs: stealMsOf(readStat()) } }
    return known.reading
  }
}

/** One for the process: what it reads is of the machine. */
export const readHost = createHostReader(() => performance.now())

function readProcStat(): string {
  try {
    return readFileSync('/proc/stat', 'utf8')
  } catch {
    return '' // not mounted, or not Linux: then it is not known
  }
}

/** `cpu user nice system idle iowait irq softirq steal …`, in clock ticks since the machine was started. */
function stealMsOf(stat: string): number | null {
  const ticks = /^cpu +(?:\d+ +){7}(\d+)/.exec(stat)?.[1]
  return ticks === undefined ? null : (Number(ticks) * 1000) / clockTicksPerSecond
}
