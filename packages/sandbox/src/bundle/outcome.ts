/** From what was seen of a run to what is told of it. */
import { constants } from 'node:os'
import type { CgroupReading } from '../cgroups/driver.ts'
import type { RunOutcome } from '../engine.ts'
import type { Limits } from '../spec.ts'
import { type Intervention, reasonOf } from '../supervision/ending.ts'
import type { GuardReport } from '../supervision/guard.ts'
import { isFull } from '../supervision/is-full.ts'
import type { Output } from '../supervision/output.ts'
import { signalName } from '../supervision/signals.ts'
import type { ContainerRuntime } from './runtime.ts'

export type Seen = {
  readonly limits: Limits
  readonly seen: GuardReport
  readonly intervention: Intervention | null
  readonly before: CgroupReading
  readonly after: CgroupReading
  readonly runtime: ContainerRuntime
  readonly output: Output
  readonly elapsedMs: number
  readonly memoryPeakBytes: number | null
  readonly workOutside: string
  readonly report: Uint8Array
}

export function outcomeOf({ limits, seen, intervention, before, after, runtime, output, ...rest }: Seen): RunOutcome {
  const { ended } = seen
  // The group also counted the guard, which knows of itself: usage is the program's, not ours. What the guard knows begins
  // before it joined the group, so a few milliseconds of children that nobody waited for may be missing.
  const spent = (now: number, earlier: number, own: number | undefined, waited: number | undefined) =>
    Math.max(waited ?? 0, now - earlier - (own ?? 0))
  const cpuUserMs = spent(after.cpuUserMs, before.cpuUserMs, ended?.ownUserMs, ended?.cpuUserMs)
  const cpuSystemMs = spent(after.cpuSystemMs, before.cpuSystemMs, ended?.ownSystemMs, ended?.cpuSystemMs)
  const wallMs = ended?.wallMs ?? rest.elapsedMs
  const { cut, bytes } = output.end()
  // Without the guard's word the whole container was killed from outside: by us, or by the kernel for memory.
  const signal = ended ? ended.signal : constants.signals.SIGKILL
  const exitCode = ended ? ended.exitCode : null
  const left = (ended?.processesLeft ?? 0) + 1
  const counted = runtime.processes === 'cgroup'
  const evidence = {
    ...{ intervention, exitCode, signal, wallMs },
    cpuMs: cpuUserMs + cpuSystemMs,
    outputExceeded: output.exceeded,
    oomKills: after.oomKills,
    processesRefused: counted ? after.processesRefused : left >= limits.processes, // reached is as good as refused
    diskFull: ended?.scratchFull === true || isFull(rest.workOutside),
  }
  return {
    exitCode,
    signal: signal === null ? null : signalName(signal),
    reason: reasonOf(evidence, limits),
    usage: {
      ...{ wallMs, cpuUserMs, cpuSystemMs },
      memoryPeakBytes: rest.memoryPeakBytes,
      processesPeak: counted ? peakOf(after.processesPeak, runtime) : null,
      stdoutBytes: bytes.stdout,
      stderrBytes: bytes.stderr,
    },
    cut,
    report: rest.report,
  }
}

function peakOf(counted: number | null, { ownProcesses, setUpThreadsMax }: ContainerRuntime): number | null {
  const peak = counted === null ? 0 : Math.max(1, counted - ownProcesses)
  return peak > setUpThreadsMax ? peak : null
}
