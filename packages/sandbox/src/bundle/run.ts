/** One program in a container of its own, from the making of its bundle to the death of its last process. */
import { rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cgroup } from '../cgroups/driver.ts'
import { EngineFault, type RunListener, type RunOutcome, type RunSpec } from '../engine.ts'
import type { SeccompProfile } from '../seccomp/profile.ts'
import type { Intervention } from '../supervision/ending.ts'
import { environmentOf } from '../supervision/environment.ts'
import { encodeGuardJob, type GuardReport, parseGuardReport } from '../supervision/guard.ts'
import { type Monitor, monitor } from '../supervision/monitor.ts'
import { keepOutput } from '../supervision/output.ts'
import { keepFirst, readPipe } from '../supervision/pipe.ts'
import { resourceLimits } from '../supervision/resource-limits.ts'
import { isBelow } from '../supervision/show.ts'
import type { Keeper } from './keeper.ts'
import { outcomeOf } from './outcome.ts'
import { atKeeper, scratchDirectory, workDirectory } from './places.ts'
import type { Rootfs } from './rootfs.ts'
import type { ContainerRuntime } from './runtime.ts'
import { openStation, runtimeFiles, type Station } from './station.ts'

export type RunSite = {
  readonly keeper: Keeper
  readonly runtime: ContainerRuntime
  readonly cgroup: Cgroup // of this run alone; does not exist yet
  readonly id: string
  readonly rootfs: Rootfs
  readonly sealed: boolean
  readonly diskBytes: number // of the work directory
  readonly seccomp: SeccompProfile
  readonly guardNumbers: string
}

const reportBytesMax = 4096
const statusBytesMax = 4096
const lookMs = 25

export async function runProgram(site: RunSite, spec: RunSpec, listener: RunListener, signal: AbortSignal): Promise<RunOutcome> {
  const { keeper, cgroup } = site
  const station = openStation(keeper.root, {
    stdin: spec.stdin,
    given: spec.channel?.given ?? new Uint8Array(),
    job: jobOf(site, spec),
  })
  try {
    await createContainer(site, spec, station)
    return await follow(site, spec, station, listener, signal)
  } finally {
    station.close()
    await keeper.kill()
    await keeper.removeGroups(cgroup.directories)
    await rm(`${keeper.root}${atKeeper.state}/${site.id}`, { recursive: true, force: true })
  }
}

/** Made, and held before its first instruction: what the runtime itself has used until then is not counted. */
async function createContainer(site: RunSite, { limits }: RunSpec, station: Station): Promise<void> {
  const { keeper, runtime, cgroup } = site
  const config = runtime.config({ ...site, diskBytes: limits.diskBytes })
  await writeFile(`${keeper.root}${atKeeper.bundle}/config.json`, JSON.stringify(config))
  await keeper.makeGroups(cgroup.directories)
  const { files, command } = runtime.create(site.id)
  const code = await keeper.run(files, command)
  if (code !== 0) throw new EngineFault(`A container could not be made (${code}): ${station.complaint()}`)
  await keeper.join(cgroup.directories)
  try {
    cgroup.limit({ memoryBytes: limits.memoryBytes, processes: runtime.ownProcesses + limits.processes })
  } catch (cause) {
    throw new EngineFault(`A memory limit of ${limits.memoryBytes} bytes cannot be enforced.`, { cause })
  }
}

async function follow(
  site: RunSite,
  spec: RunSpec,
  station: Station,
  listener: RunListener,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { keeper, runtime, cgroup } = site
  const { limits } = spec
  const output = keepOutput(limits.outputBytes, listener)
  const report = keepFirst(reportBytesMax)
  const status = keepFirst(statusBytesMax)
  const before = cgroup.read()
  const releasedAt = performance.now()

  let intervention: Intervention | null = null
  let watching: Monitor | null = null
  let wallTimer: NodeJS.Timeout | null = null
  let setUpExpired = false
  let killing: Promise<void> | null = null
  const kill = () => {
    killing ??= keeper.kill().finally(() => station.releaseEnds())
    killing.catch(() => {}) // the keeper's death ends the sandbox as well, and fails what is asked of it next
  }
  const intervene = (why: Intervention) => {
    intervention ??= why
    kill()
  }
  const takeOutput = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    output.take(stream, chunk)
    if (output.exceeded) intervene('output')
  }
  const started = Promise.withResolvers<void>()
  const ended = Promise.all([
    readPipe(station.takePipe('out'), takeOutput('stdout')),
    readPipe(station.takePipe('err'), takeOutput('stderr')),
    readPipe(station.takePipe('report'), report.take),
    readPipe(station.takePipe('status'), (chunk) => {
      status.take(chunk)
      started.resolve()
    }),
  ])
  const setUpTimer = setTimeout(() => {
    setUpExpired = true
    kill()
  }, runtime.setUpDeadlineMs)
  void started.promise.then(() => {
    clearTimeout(setUpTimer)
    station.releaseEnds() // the guard holds them open now, and the program
    wallTimer ??= setTimeout(() => intervene('wall_time'), limits.wallMs)
  })
  const onAbort = () => intervene('cancelled')
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })

  let over = false
  try {
    const command = runtime.start(site.id)
    const code = await keeper.run(runtimeFiles, command)
    // One that could not be started never opens its pipes, and neither does one whose kernel died of its limits.
    if (code !== 0) kill()
    else void endWithLast(cgroup, () => over, kill)
    watching = monitor({ cgroup, rootPid: 0, cpuBeforeMs: before.cpuUserMs + before.cpuSystemMs }, limits, intervene)
    await ended
    await (killing ?? keeper.kill())
  } catch (cause) {
    kill()
    await ended
    throw cause instanceof EngineFault ? cause : new EngineFault('A program could not be run.', { cause })
  } finally {
    over = true
    clearTimeout(setUpTimer)
    if (wallTimer) clearTimeout(wallTimer)
    watching?.stop()
    signal.removeEventListener('abort', onAbort)
  }

  const seen = parseGuardReport(status.bytes().toString('latin1'))
  const after = cgroup.read()
  const complaint = faultOf(seen, { intervention, setUpExpired, outOfMemory: after.oomKills > 0, command: spec.command[0] }, () =>
    station.complaint(),
  )
  if (complaint) throw new EngineFault(complaint)
  return outcomeOf({
    ...{ limits, seen, intervention, before, after, runtime, output },
    elapsedMs: performance.now() - releasedAt,
    memoryPeakBytes: cgroup.readMemoryPeakBytes(),
    workOutside: keeper.root + atKeeper.work,
    report: report.bytes(),
  })
}

/** A look now and then, because who dies before he opened a pipe does not close it either. */
async function endWithLast(cgroup: Cgroup, isOver: () => boolean, end: () => void): Promise<void> {
  while (!isOver()) {
    if (cgroup.members().length === 0) return end()
    await delay(lookMs)
  }
}

/** A sentence when it was we who failed and not the program. */
function faultOf(
  seen: GuardReport,
  ours: { intervention: Intervention | null; setUpExpired: boolean; outOfMemory: boolean; command: string },
  complaint: () => string,
): string | null {
  if (seen.noLimit) return `A resource limit could not be set inside (${seen.noLimit}).`
  // What a compiler should have left in the work directory is the program's affair; the tools outside of it are ours.
  if (seen.noExec !== null && !isBelow(ours.command, workDirectory)) {
    return `The program ${ours.command} cannot be started inside (errno ${seen.noExec}).`
  }
  // A limit too small for even the guard to start is a limit all the same.
  if (seen.ended || ours.intervention || ours.outOfMemory) return null
  if (seen.started) return `The guard of a program failed: ${complaint() || 'it was killed'}`
  if (ours.setUpExpired) return 'A container was not started in time.'
  return `A container could not be started: ${complaint() || 'no reason was given'}`
}

function jobOf({ guardNumbers, runtime, diskBytes }: RunSite, spec: RunSpec): Buffer {
  const { limits } = spec
  const counted = runtime.processes === 'cgroup'
  // Of the program's user. Where a cgroup counts as well it must be the first to refuse, for it remembers. gVisor counts a
  // process for the user as whom it was started, so the program itself, which has stepped down, is not among them.
  const processes = counted ? limits.processes + 16 : limits.processes - 1
  return encodeGuardJob(
    {
      mode: 'init',
      channel: spec.channel !== undefined,
      countLeft: !counted,
      stepDown: runtime.stepDown !== null,
      limits: resourceLimits(limits, { diskBytes, processes }),
      command: spec.command,
      env: environmentOf(spec, scratchDirectory),
    },
    runtime.stepDown === null ? guardNumbers : `${guardNumbers} ${runtime.stepDown}`,
  )
}
