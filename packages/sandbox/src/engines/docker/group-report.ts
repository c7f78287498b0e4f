/** What inside/guard.pl tells besides the lines of supervision/guard.ts: what the container's control group has counted. */
import type { Intervention } from '../../supervision/ending.ts'

export type GroupReport = {
  readonly stoppedFor: Intervention | null // a limit that the guard itself held
  readonly cpuUserMs: number // of the whole tree, without ours
  readonly cpuSystemMs: number
  readonly memoryPeakBytes: number | null
  readonly processesPeak: number
  readonly oomKills: number
  readonly processesRefused: boolean
  readonly diskFull: boolean
}

/** Which controllers the guard can read inside. */
export type GroupsSeen = {
  readonly version: 1 | 2 | null
  readonly cpu: boolean
  readonly memory: boolean
  readonly pids: boolean
}

export function parseGroupReport(status: string): GroupReport | null {
  const line = /^group (\S+) (\d+) (\d+) (\d+|-) (\d+) (\d+) (\d+) ([01])$/m.exec(status)
  if (!line) return null
  const [, why, user, system, memory, pids, kills, refused, full] = line
  return {
    stoppedFor: (['wall_time', 'cpu_time', 'memory'] as const).find((known) => known === why) ?? null,
    cpuUserMs: Number(user) / 1000,
    cpuSystemMs: Number(system) / 1000,
    memoryPeakBytes: memory === '-' ? null : Number(memory),
    processesPeak: Number(pids),
    oomKills: Number(kills),
    processesRefused: Number(refused) > 0,
    diskFull: full === '1',
  }
}

export function parseGroupsSeen(status: string): GroupsSeen {
  const [, version, names = ''] = /^groups ([012])((?: \w+)*)$/m.exec(status) ?? []
  const has = (name: string) => names.split(' ').includes(name)
  return { version: version === '1' ? 1 : version === '2' ? 2 : null, cpu: has('cpu'), memory: has('memory'), pids: has('pids') }
}
