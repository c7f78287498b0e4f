/** From what was seen to why a run ended. Pure, so that the order of precedence can be read and tested in one place. */
import { constants } from 'node:os'
import type { Limits, Reason } from '../spec.ts'

/** Why the supervisor ended a run that would have gone on. */
export type Intervention = 'wall_time' | 'cpu_time' | 'memory' | 'processes' | 'output' | 'cancelled'

export type Evidence = {
  readonly intervention: Intervention | null
  readonly exitCode: number | null
  readonly signal: number | null
  readonly wallMs: number
  readonly cpuMs: number
  readonly outputExceeded: boolean
  readonly oomKills: number // processes of the run that the kernel killed for memory
  readonly processesRefused: boolean // a fork or thread was refused by the limit
  readonly diskFull: boolean // nothing is left of /work or /tmp
}

export function reasonOf(seen: Evidence, limits: Limits): Reason {
  if (seen.intervention === 'cancelled') return 'cancelled'
  if (seen.oomKills > 0) return 'memory' // even when the main process lived on: its answer rests on a killed part
  if (seen.intervention) return seen.intervention
  // The supervisor looks from time to time; a program that ended between two looks is measured all the same.
  if (seen.outputExceeded) return 'output'
  if (seen.signal === constants.signals.SIGSYS) return 'violation'
  if (seen.signal === constants.signals.SIGXCPU || seen.cpuMs > limits.cpuMs) return 'cpu_time'
  if (seen.wallMs > limits.wallMs) return 'wall_time'
  if (seen.signal === constants.signals.SIGXFSZ) return 'disk'
  const failed = seen.signal !== null || seen.exitCode !== 0
  if (failed && seen.diskFull) return 'disk'
  if (failed && seen.processesRefused) return 'processes'
  return seen.signal === null ? 'exited' : 'signalled'
}
