/** The keeper's account of a run: `name=value` words, as keeper.pl writes them. */
import { z } from 'zod'
import { EngineFault } from '../../engine.ts'

const number = z
  .string()
  .regex(/^-?\d+(\.\d+)?(e\+?\d+)?$/)
  .transform(Number)
const words = z.object({
  status: number,
  why: z.enum(['none', 'wall_time', 'cpu_time', 'memory', 'output', 'cancelled']),
  wall: number, // microseconds, as all times
  user: number,
  system: number,
  cpu: number,
  peak: number,
  processes: number,
  oom: number,
  full: number,
  clean: number,
  exec: z.string(),
})

export type Account = {
  readonly exitCode: number | null
  readonly signal: number | null
  readonly why: 'wall_time' | 'cpu_time' | 'memory' | 'output' | 'cancelled' | null
  readonly wallMs: number
  readonly cpuUserMs: number
  readonly cpuSystemMs: number
  readonly cpuSeenMs: number // at the last look while it ran
  readonly peakBytes: number
  readonly processes: number
  readonly oomKills: number
  readonly full: boolean
  readonly clean: boolean
  readonly exec: string | null // why the program was not started
}

export function parseAccount(text: string): Account {
  const parsed = words.safeParse(Object.fromEntries(text.split(' ').map((word) => word.split('='))))
  if (!parsed.success) throw new EngineFault(`A sandbox gave an account that cannot be read: ${text.slice(0, 300)}`)
  const told = parsed.data
  const signal = told.status & 0x7f
  return {
    exitCode: signal === 0 ? (told.status >> 8) & 0xff : null,
    signal: signal === 0 ? null : signal,
    why: told.why === 'none' ? null : told.why,
    wallMs: told.wall / 1000,
    cpuUserMs: told.user / 1000,
    cpuSystemMs: told.system / 1000,
    cpuSeenMs: told.cpu / 1000,
    peakBytes: Math.round(told.peak),
    processes: told.processes,
    oomKills: told.oom,
    full: told.full === 1,
    clean: told.clean === 1,
    exec: told.exec === 'none' ? null : told.exec,
  }
}
