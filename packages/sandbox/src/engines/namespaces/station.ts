/**
 * A place to run one program, prepared ahead: pipes, files, a cgroup, and a bwrap that has started and waits to read its
 * arguments. So a run pays neither for starting bwrap nor for joining cgroups, which alone can take 10 ms in the kernel.
 *
 * Named pipes and not Node's own, which are sockets: inside, `echo x > /dev/stderr` opens the pipe anew, and a socket
 * cannot be opened. No name leads to them inside.
 */
import { closeSync, constants, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Cgroup, CgroupDriver, CgroupReading } from '../../cgroups/driver.ts'
import { EngineFault } from '../../engine.ts'
import type { Start } from '../../spec.ts'
import type { GuardJob } from '../../supervision/guard.ts'
import { encodeGuardJob, type GuardEnd } from '../../supervision/guard.ts'
import type { Shown } from '../../supervision/show.ts'
import { bubblewrapArguments, guardInside, perlInside } from './arguments.ts'
import type { Attendant } from './attendant.ts'
import type { Programs } from './programs.ts'

export const outputPipes = ['out', 'err', 'report', 'status'] as const
export type OutputPipe = (typeof outputPipes)[number]
export const inputFiles = ['stdin', 'given', 'job'] as const

export type StationSite = {
  readonly key: string
  readonly outside: string // the directory as the executor opens it
  readonly inside: string // the same as the attendant opens it
  readonly work: string // the slot's work directory, as the attendant opens it
  readonly owner: { readonly uid: number; readonly gid: number }
}

export type StationDeps = {
  readonly attendant: Attendant
  readonly cgroups: CgroupDriver
  readonly programs: Programs
  readonly filterInside: string
  readonly guardNumbers: string
}

/** All that one run is, in the terms of whoever starts it. */
export type StationInput = {
  readonly stdin: Uint8Array
  readonly given: Uint8Array
  readonly program: Omit<GuardJob, 'mode' | 'countLeft'>
  readonly sealed: boolean // the work directory is shown read-only
  readonly shown: Shown
  readonly diskBytes: number
}

export type Station = {
  readonly cgroup: Cgroup | null
  readonly start: Start
  /** Of ours, that the cgroup counts with the program's. */
  readonly ownProcesses: number
  readonly ownMemoryBytes: number
  /** When the last process of the run is gone: bwrap's wait status; null when the attendant died. */
  readonly exited: Promise<number | null>
  readonly outerPid: number
  /** Hands over the read end of a pipe; its new owner closes it. */
  takePipe(name: OutputPipe): number
  /** What bwrap and the guard complained of. */
  diagnosis(): string
  release(input: StationInput): void
  /** Host pids that a run has left in its cgroup: there should be none. */
  strays(): number[]
  /** The most at any one time, of the run and of ours in its cgroup; null: not known. */
  peaks(
    ended: GuardEnd | null,
    after: CgroupReading | null,
  ): { readonly memoryBytes: number | null; readonly processes: number | null }
  kill(): Promise<void>
  /** Ends a station, used or not. Afterwards its site can be used again. */
  dispose(): Promise<void>
}

/** Makes what every station at this site needs: done once for each site. */
export async function furnishSite(
  deps: Pick<StationDeps, 'attendant'>,
  site: StationSite,
  further: readonly string[] = [],
): Promise<void> {
  mkdirSync(site.outside, { mode: 0o755 })
  for (const name of [...outputPipes, 'arguments', ...further])
    await deps.attendant.request('fifo', join(site.inside, name), site.owner.uid, site.owner.gid)
}

export async function prepareStation(deps: StationDeps, site: StationSite): Promise<Station> {
  const descriptors = openSite(site)
  const closed = new Set<number>()
  const close = (descriptor: number) => {
    if (closed.has(descriptor)) return
    closed.add(descriptor)
    closeSync(descriptor)
  }
  const closeAll = () => Object.values(descriptors).forEach(close)

  const cgroup = deps.cgroups.name(site.key)
  const exit = Promise.withResolvers<number | null>()
  const ready = Promise.withResolvers<void>()
  let outerPid = 0
  const kill = async () => {
    await deps.attendant.request('kill', site.key)
  }
  const remove = async () => {
    if (cgroup && !deps.attendant.death()) await deps.attendant.request('remove', ...cgroup.directories)
  }
  try {
    const events = {
      ready: () => ready.resolve(),
      broken: (why: string) => ready.reject(new EngineFault(`A sandbox could not be started: ${why}`)),
      exit: (status: number | null) => {
        exit.resolve(status)
        ready.reject(new EngineFault(`bubblewrap ended before its time (wait status ${status}).`))
      },
    }
    ready.promise.catch(() => {}) // also awaited below, unless start itself fails first
    const { bubblewrap } = deps.programs
    outerPid = await deps.attendant.start(
      site.key,
      events,
      site.owner.uid,
      site.owner.gid,
      site.inside,
      deps.filterInside,
      bubblewrap,
      '',
      2,
      perlInside,
      guardInside,
      ...(cgroup?.directories ?? []),
    )
    await ready.promise
    close(descriptors.argumentsRead) // bwrap holds the pipe open from here on
  } catch (cause) {
    closeAll()
    if (outerPid > 0) {
      await kill().catch(() => {})
      await exit.promise
    }
    await remove()
    throw cause
  }

  return {
    cgroup,
    start: 'cold',
    ownProcesses: 2, // bwrap outside and the guard inside
    ownMemoryBytes: 0, // the limit is generous enough for these two, and less would be a second opinion about it
    exited: exit.promise,
    outerPid,
    diagnosis: () => readFileSync(join(site.outside, 'diagnosis'), 'utf8'),
    takePipe(name) {
      closed.add(descriptors[name])
      return descriptors[name]
    },
    strays: () => cgroup?.members() ?? [],
    peaks: (_ended, after) => ({
      memoryBytes: cgroup?.readMemoryPeakBytes() ?? null,
      processes: after?.processesPeak ?? null,
    }),
    release({ stdin, given, program, ...mounts }) {
      const bubblewrap = bubblewrapArguments({ ...mounts, work: site.work, seccompDescriptor: 6 })
      writeAll(descriptors.stdin, stdin)
      writeAll(descriptors.given, given)
      writeAll(descriptors.job, encodeGuardJob({ ...program, mode: 'init', countLeft: cgroup === null }, deps.guardNumbers))
      writeAll(descriptors.arguments, bubblewrap) // at most a pipe's 64 KiB: it is refused as too long before
      close(descriptors.arguments) // the end of its arguments is what bwrap waits for
    },
    kill,
    async dispose() {
      if (!deps.attendant.death()) await kill()
      await exit.promise
      for (const name of inputFiles) if (!closed.has(descriptors[name])) ftruncateSync(descriptors[name])
      closeAll()
      await remove()
    },
  }
}

/** Read ends first: a pipe without a reader cannot be opened for writing without waiting. */
export function openSite({ outside }: StationSite) {
  const at = (name: string) => join(outside, name)
  const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_CREAT, O_TRUNC } = constants
  const read = (name: OutputPipe | 'arguments') => openSync(at(name), O_RDONLY | O_NONBLOCK)
  const fresh = (name: (typeof inputFiles)[number] | 'diagnosis') => openSync(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  closeSync(fresh('diagnosis'))
  const argumentsRead = read('arguments')
  return {
    out: read('out'),
    err: read('err'),
    report: read('report'),
    status: read('status'),
    argumentsRead,
    arguments: openSync(at('arguments'), O_WRONLY),
    stdin: fresh('stdin'),
    given: fresh('given'),
    job: fresh('job'),
  }
}

export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset)
}
