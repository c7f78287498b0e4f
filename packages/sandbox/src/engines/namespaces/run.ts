/** One program in one prepared station, from its release to the death of its last process. */

import { constants } from 'node:os'
import type { Cgroup, CgroupReading } from '../../cgroups/driver.ts'
import { killMembers } from '../../cgroups/sweep.ts'
import { EngineFault, type RunListener, type RunOutcome, type RunSpec } from '../../engine.ts'
import { type Intervention, reasonOf } from '../../supervision/ending.ts'
import { environmentOf } from '../../supervision/environment.ts'
import { type GuardReport, parseGuardReport } from '../../supervision/guard.ts'
import { isFull } from '../../supervision/is-full.ts'
import { type Monitor, monitor } from '../../supervision/monitor.ts'
import { keepOutput } from '../../supervision/output.ts'
import { keepFirst, readPipe } from '../../supervision/pipe.ts'
import { resourceLimits } from '../../supervision/resource-limits.ts'
import { isBelow, type Shown } from '../../supervision/show.ts'
import { signalName } from '../../supervision/signals.ts'
import { workDirectory } from './arguments.ts'
import type { Station } from './station.ts'

export type RunSite = {
  readonly diskBytes: number // of the work directory
  readonly workOutside: string // as the executor opens it
  readonly sealed: boolean
  readonly shown: Shown
}

const reportBytesMax = 4096
const statusBytesMax = 4096
const setUpDeadlineMs = 10_000 // for what is ours: namespaces, mounts, the guard

export async function runProgram(
  station: Station,
  site: RunSite,
  spec: RunSpec,
  listener: RunListener,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { limits } = spec
  const output = keepOutput(limits.outputBytes, listener)
  const report = keepFirst(reportBytesMax)
  const status = keepFirst(statusBytesMax)

  let intervention: Intervention | null = null
  let watching: Monitor | null = null
  let wallTimer: NodeJS.Timeout | null = null
  let setUpExpired = false
  let killed = false
  const kill = () => {
    if (killed) return
    killed = true
    station.kill().catch(() => {}) // only the attendant's death makes it fail, and that ends the sandbox as well
  }
  const intervene = (why: Intervention) => {
    intervention ??= why
    kill()
  }
  const started = () => {
    clearTimeout(setUpTimer)
    wallTimer ??= setTimeout(() => intervene('wall_time'), limits.wallMs)
  }
  const onAbort = () => intervene('cancelled')

  const before = station.cgroup?.read()
  const ioBefore = station.cgroup?.readIo() ?? null
  const cpuBeforeMs = before ? before.cpuUserMs + before.cpuSystemMs : 0

  const takeOutput = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    output.take(stream, chunk)
    if (output.exceeded) intervene('output')
  }
  const ended = Promise.all([
    station.exited,
    readPipe(station.takePipe('out'), takeOutput('stdout')),
    readPipe(station.takePipe('err'), takeOutput('stderr')),
    spec.channel ? readPipe(station.takePipe('report'), report.take) : undefined,
    readPipe(station.takePipe('status'), (chunk) => {
      status.take(chunk)
      started()
    }),
  ])
  const setUpTimer = setTimeout(() => {
    setUpExpired = true
    kill()
  }, setUpDeadlineMs)

  const releasedAt = performance.now()
  try {
    bound(station, limits)
    station.release({
      stdin: spec.stdin,
      given: spec.channel?.given ?? new Uint8Array(),
      program: {
        channel: spec.channel !== undefined,
        // With the guard, per user namespace. Where a cgroup counts as well it must be the first to refuse, for it remembers.
        limits: resourceLimits(limits, {
          diskBytes: site.diskBytes,
          processes: limits.processes + 1 + (station.cgroup ? 16 : 0),
        }),
        command: spec.command,
        env: environmentOf(spec, '/tmp'),
      },
      sealed: site.sealed,
      shown: site.shown,
      diskBytes: limits.diskBytes,
    })
    watching = monitor({ cgroup: station.cgroup, rootPid: station.outerPid, cpuBeforeMs }, limits, intervene)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    const [waitStatus] = await ended
    if (waitStatus === null) throw new EngineFault('The sandbox attendant died during a run.')
    // The end is told after the kernel has emptied the pid namespace, so this is a check and not a wait.
    await killMembers(station.strays)
  } catch (cause) {
    kill()
    await ended.catch(() => {})
    throw cause instanceof EngineFault ? cause : new EngineFault('A program could not be run.', { cause })
  } finally {
    clearTimeout(setUpTimer)
    if (wallTimer) clearTimeout(wallTimer)
    watching?.stop()
    signal.removeEventListener('abort', onAbort)
  }

  const seen = parseGuardReport(status.bytes().toString('latin1'))
  const after = station.cgroup?.read() ?? null
  const outOfMemory = (after?.oomKills ?? 0) > 0
  const complaint = faultOf(seen, { intervention, setUpExpired, outOfMemory, command: spec.command[0] }, station.diagnosis)
  if (complaint) throw new EngineFault(complaint)
  const elapsedMs = performance.now() - releasedAt
  return outcome(
    { site, spec, seen, intervention, elapsedMs, cpuBefore: before ?? null, after, ioBefore },
    station,
    watching,
    output,
    report.bytes(),
  )
}

function bound({ cgroup, ownProcesses, ownMemoryBytes }: Station, { memoryBytes, processes }: RunSpec['limits']): void {
  try {
    cgroup?.limit({ memoryBytes: memoryBytes + ownMemoryBytes, processes: processes + ownProcesses })
  } catch (cause) {
    throw new EngineFault(`A memory limit of ${memoryBytes} bytes cannot be enforced: bubblewrap itself needs more.`, { cause })
  }
}

/** A sentence when it was we who failed and not the program. */
function faultOf(
  seen: GuardReport,
  ours: { intervention: Intervention | null; setUpExpired: boolean; outOfMemory: boolean; command: string },
  diagnosis: () => string,
): string | null {
  if (seen.noLimit) return `A resource limit could not be set inside (${seen.noLimit}).`
  // What a compiler should have left in the work directory is the program's affair; the tools outside of it are ours.
  if (seen.noExec !== null && !isBelow(ours.command, workDirectory)) {
    return `The program ${ours.command} cannot be started inside (errno ${seen.noExec}).`
  }
  // A limit too small for even the guard to start is a limit all the same.
  if (seen.ended || ours.intervention || ours.outOfMemory) return null
  // Only the guard and bwrap can write there; a guard killed by the kernel for memory has nothing to say.
  if (seen.started) return diagnosis().trim() === '' ? null : `The guard of a program failed: ${diagnosis().trim().slice(0, 500)}`
  if (ours.setUpExpired) return `A sandbox was not set up within ${setUpDeadlineMs} ms.`
  return `A sandbox could not be set up: ${diagnosis().trim().slice(0, 500) || 'no reason was given'}`
}

type Seen = {
  readonly site: RunSite
  readonly spec: RunSpec
  readonly seen: GuardReport
  readonly intervention: Intervention | null
  readonly elapsedMs: number
  readonly after: CgroupReading | null
  readonly ioBefore: ReturnType<Cgroup['readIo']>
  readonly cpuBefore: { readonly cpuUserMs: number; readonly cpuSystemMs: number } | null
}

function outcome(
  { site, spec, seen, intervention, elapsedMs, cpuBefore, after, ioBefore }: Seen,
  station: Station,
  watching: Monitor,
  output: ReturnType<typeof keepOutput>,
  report: Uint8Array,
): RunOutcome {
  const { cgroup, ownProcesses } = station
  const { ended } = seen
  const io = cgroup?.readIo() ?? null
  // The group also counted our set-up, which the guard knows of itself: usage is the program's, not ours.
  const spent = (total: number | undefined, earlier: number | undefined, own: number | undefined, waited: number | undefined) =>
    total === undefined || ended?.alone ? (waited ?? 0) : Math.max(waited ?? 0, total - (earlier ?? 0) - (own ?? 0))
  const cpuUserMs = spent(after?.cpuUserMs, cpuBefore?.cpuUserMs, ended?.ownUserMs, ended?.cpuUserMs)
  const cpuSystemMs = spent(after?.cpuSystemMs, cpuBefore?.cpuSystemMs, ended?.ownSystemMs, ended?.cpuSystemMs)
  const wallMs = ended?.wallMs ?? elapsedMs
  const processesSeen = Math.max(1, watching.peaks.processes - ownProcesses, (ended?.processesLeft ?? 0) + 1)
  const counted = station.peaks(ended, after)
  const { cut, bytes } = output.end()
  // Without the guard's word the whole namespace was killed from outside: by us, or by the kernel for memory.
  const signal = ended ? ended.signal : constants.signals.SIGKILL
  const exitCode = ended ? ended.exitCode : null
  const reason = reasonOf(
    {
      intervention,
      exitCode,
      signal,
      wallMs,
      cpuMs: Math.max(cpuUserMs + cpuSystemMs, watching.peaks.cpuMs),
      outputExceeded: output.exceeded,
      oomKills: after?.oomKills ?? 0,
      processesRefused: after?.processesRefused ?? processesSeen >= spec.limits.processes, // without a cgroup: reached is as good as refused
      diskFull: ended?.scratchFull === true || isFull(site.workOutside),
    },
    spec.limits,
  )
  return {
    exitCode,
    signal: signal === null ? null : signalName(signal),
    reason,
    usage: {
      wallMs,
      cpuUserMs,
      cpuSystemMs,
      memoryPeakBytes: cgroup ? counted.memoryBytes : Math.max(watching.peaks.memoryBytes, ended?.memoryPeakBytes ?? 0),
      processesPeak: cgroup ? peakProcesses(counted.processes, ownProcesses) : processesSeen,
      ioReadBytes: io && io.readBytes - (ioBefore?.readBytes ?? 0),
      ioWriteBytes: io && io.writtenBytes - (ioBefore?.writtenBytes ?? 0),
      stdoutBytes: bytes.stdout,
      stderrBytes: bytes.stderr,
    },
    cut,
    start: station.start,
    report,
  }
}

const peakProcesses = (counted: number | null, own: number) => (counted === null ? null : Math.max(1, counted - own))
