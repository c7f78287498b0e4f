/**
 * A loaded interpreter that waits in a sandbox of its slot and forks into each run: the run gets fresh namespaces, mounts,
 * limits and the whole system call filter, and its interpreter's start was paid for once. One run at a time; whatever ends
 * otherwise than by itself takes the server with it, and so does whatever would blur what the next run is said to have used.
 */
import { EngineFault, type RunSpec } from '../../../engine.ts'
import { encodeForkJob } from '../../../supervision/guard.ts'
import type { Shown } from '../../../supervision/show.ts'
import { bubblewrapArguments, sharedMemoryBytes } from '../arguments.ts'
import { forkServerFilterInside } from '../furnish.ts'
import type { Station, StationDeps, StationSite } from '../station.ts'
import { furtherDescriptors, openRunPipes, openServerPipes } from './pipes.ts'

export type ForkServer = {
  readonly key: string
  /** Whether a run can be had from it now. */
  isReady(): boolean
  hasEnded(): boolean
  /** The next run. Disposing of it gives the server back, or ends it. */
  station(): Station
  dispose(): Promise<void>
}

const readyMs = 10_000
const complaintCharactersMax = 4_096
const runsMax = 1_000 // nothing that a server may leak grows for ever
const ownDiskBytes = 1024 * 1024 // of the file systems that the server itself sees
const ownProcesses = 3 // bwrap, the server, and the guard of the run

/** What must be the same for a run to be had from a server; null when the run says of no server. */
export function forkServerKey({ command, env, show, forkServer }: RunSpec): string | null {
  if (!forkServer || command.length < forkServer.words) return null
  return JSON.stringify([command.slice(0, forkServer.words), env, show])
}

export type ServerProgram = {
  readonly key: string
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly shown: Shown
}

export async function startForkServer(deps: StationDeps, site: StationSite, program: ServerProgram): Promise<ForkServer> {
  const { attendant } = deps
  const cgroup = deps.cgroups.name(site.key)
  if (!cgroup) throw new EngineFault('A fork server needs cgroups: without them a run cannot be told from its server.')
  const pipes = openServerPipes(site)
  let life: 'starting' | 'ready' | 'running' | 'ended' = 'starting'
  let runs = 0
  let onOpened = () => {}
  let onDone = () => {}
  const exit = Promise.withResolvers<number | null>()
  const opened = Promise.withResolvers<void>() // its ends of our pipes
  const ready = Promise.withResolvers<void>()
  for (const each of [opened, ready]) each.promise.catch(() => {}) // awaited below, unless the start itself fails first
  const fail = (why: string) => {
    life = 'ended'
    const fault = new EngineFault(`A fork server did not start: ${why}`)
    opened.reject(fault)
    ready.reject(fault)
  }
  let complaint = ''
  const hear = (line: string) => {
    if (line === 'ready') ready.resolve()
    else if (line === 'opened') onOpened()
    else if (line === 'done') onDone()
    else complaint = `${complaint}${line}\n`.slice(-complaintCharactersMax)
  }
  const kill = async () => {
    life = 'ended' // of no use from the moment it is asked to die
    await attendant.request('kill', site.key)
  }
  let disposing: Promise<void> | null = null
  const dispose = () => {
    disposing ??= (async () => {
      if (!attendant.death()) await kill()
      await exit.promise
      await pipes.close()
      if (!attendant.death()) await attendant.request('remove', ...cgroup.directories)
    })()
    return disposing
  }

  try {
    const { words, env, shown } = program
    const { work, owner, inside } = site
    const diskBytes = ownDiskBytes
    pipes.writeArguments(
      bubblewrapArguments({ work, sealed: false, shown, diskBytes, seccompDescriptor: 6, isForkServer: true, env }),
    )
    const events = {
      ready: opened.resolve,
      broken: fail,
      exit(status: number | null) {
        fail(complaint.trim() || `wait status ${status}`)
        exit.resolve(status)
      },
    }
    const place = [owner.uid, owner.gid, inside, forkServerFilterInside, deps.programs.bubblewrap, furtherDescriptors]
    await attendant.start(site.key, events, ...place, words.length, ...words, ...cgroup.directories)
    const deadline = setTimeout(() => fail(`not ready within ${readyMs} ms`), readyMs)
    try {
      await opened.promise
      pipes.listen(hear)
      await ready.promise
    } finally {
      clearTimeout(deadline)
    }
    life = 'ready'
  } catch (cause) {
    await dispose()
    throw cause
  }

  const station = (): Station => {
    if (life !== 'ready') throw new EngineFault('A fork server was asked for a run that it cannot make.')
    life = 'running'
    complaint = ''
    const run = openRunPipes(site)
    const done = Promise.withResolvers<number | null>()
    const ownMemoryBytes = cgroup.readMemoryBytes()
    let isPeakNew = false
    let isReusable = false // until it is known how the run ended
    void exit.promise.then((status) => {
      run.closeHolds()
      done.resolve(status)
    })
    onOpened = run.closeHolds // the run has its own ends by now: when those close, the reader is at the end
    onDone = () => {
      run.closeHolds()
      done.resolve(0)
    }
    return {
      cgroup,
      start: 'forked',
      ownProcesses,
      ownMemoryBytes,
      exited: done.promise,
      outerPid: 0, // sampled only where there is no cgroup
      diagnosis: () => complaint,
      takePipe: run.take,
      strays: () => [], // the end was told by the server, which had waited for the last process of the run's namespace
      peaks(ended, after) {
        const wasAlone = ended?.alone === true
        // What these counters say of the next run must be of the next run.
        isReusable = wasAlone && after?.oomKills === 0 && !after.processesRefused
        return {
          memoryBytes: isPeakNew
            ? Math.max(0, (cgroup.readMemoryPeakBytes() ?? 0) - ownMemoryBytes)
            : (ended?.memoryPeakBytes ?? null),
          processes: wasAlone ? ownProcesses + 1 : (after?.processesPeak ?? null),
        }
      },
      release({ stdin, given, program: { command, channel, limits }, sealed, diskBytes }) {
        isPeakNew = cgroup.resetMemoryPeak()
        const job = { channel, limits, sealed, sharedMemoryBytes: sharedMemoryBytes(diskBytes), scratchBytes: diskBytes }
        pipes.ask({ stdin, given, job: encodeForkJob(job, command.slice(program.words.length)) })
      },
      kill,
      async dispose() {
        run.closeAll()
        if (life === 'running' && isReusable && ++runs < runsMax) life = 'ready'
        else await dispose()
      },
    }
  }
  return { key: program.key, isReady: () => life === 'ready', hasEnded: () => life === 'ended', station, dispose }
}
