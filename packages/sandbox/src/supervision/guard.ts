/** What guard.pl is told, and what it tells: the kernel's own account of how the program ended. */
import { join } from 'node:path'
import { type Architecture, requiredNumber, type SyscallName } from './syscalls.ts'

export const guardScript = join(import.meta.dirname, 'guard.pl')
/** Belongs beside guard.pl where the mode is `reaper`. */
export const reaperScript = join(import.meta.dirname, 'reaper.pl')

/** `init`: pid 1 of a pid namespace, which dies with it. `reaper`: no namespace; it kills what the program leaves behind. */
export type GuardMode = 'init' | 'reaper'

export type GuardJob = {
  readonly mode: GuardMode
  readonly channel: boolean
  readonly countLeft: boolean // of the processes in the namespace at the end
  readonly stepDown?: boolean // root of a private kernel: the program becomes the unprivileged user, the guard does not
  readonly limits: readonly (readonly [resource: Resource, value: number])[]
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const resources = {
  cpu: 0,
  fsize: 1,
  stack: 3,
  core: 4,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
} as const
export type Resource = keyof typeof resources

const calls: readonly SyscallName[] = [
  'prlimit64',
  'prctl',
  'wait4',
  'dup3',
  'clock_gettime',
  'close',
  'fcntl',
  'statfs',
  'getrusage',
  'write',
  'exit_group',
]

/** The calls by number, the same for every job of a machine. */
export function guardNumbers(architecture: Architecture): string {
  return calls.map((name) => `${name}=${requiredNumber(name, architecture)}`).join(' ')
}

export function encodeGuardJob(job: GuardJob, numbers: string): Buffer {
  return fields([
    job.mode,
    `${job.channel ? 'c' : ''}${job.countLeft ? 'n' : ''}${job.stepDown ? 'u' : ''}`,
    numbers,
    encodeLimits(job.limits),
    String(job.command.length),
    ...job.command,
    ...Object.entries(job.env).map(([name, value]) => `${name}=${value}`),
  ])
}

/** The same for the guard of a fork server (languages/python/fork), which has its command and environment already. */
export function encodeForkJob(
  job: Pick<GuardJob, 'channel' | 'limits'> & { sealed: boolean; sharedMemoryBytes: number; scratchBytes: number },
  args: readonly string[],
): Buffer {
  const flags = `${job.channel ? 'c' : ''}${job.sealed ? 's' : ''}`
  return fields([flags, encodeLimits(job.limits), String(job.sharedMemoryBytes), String(job.scratchBytes), ...args])
}

const encodeLimits = (limits: GuardJob['limits']) =>
  limits.map(([resource, value]) => `${resources[resource]}:${value}`).join(' ')

function fields(texts: readonly string[]): Buffer {
  if (texts.some((text) => text.includes('\0'))) throw new RangeError('A NUL byte cannot be part of an argument or variable.')
  return Buffer.from(`${texts.join('\0')}\0`)
}

export type GuardReport = {
  readonly started: boolean
  readonly noExec: number | null // errno of an execve that failed
  readonly noLimit: string | null // a resource limit that could not be set
  readonly ended: GuardEnd | null // null: the guard was killed before it could tell
}

export type GuardEnd = {
  readonly exitCode: number | null
  readonly signal: number | null
  readonly wallMs: number
  readonly cpuUserMs: number // of the program and the descendants it waited for
  readonly cpuSystemMs: number
  readonly memoryPeakBytes: number // of its largest process
  readonly ownUserMs: number // the guard's, and of bwrap's set-up in the same process
  readonly ownSystemMs: number
  readonly scratchFull: boolean // nothing was left of /tmp
  readonly processesLeft: number // besides the program itself; 0 unless asked for
  readonly alone: boolean // it is known that the program was the only process there ever was
}

export function parseGuardReport(text: string): GuardReport {
  let report: GuardReport = { started: false, noExec: null, noLimit: null, ended: null }
  for (const line of text.split('\n')) {
    const [word, ...values] = line.split(' ')
    if (word === 'started') report = { ...report, started: true }
    if (word === 'no-exec') report = { ...report, noExec: Number(values[0]) }
    if (word === 'no-limit') report = { ...report, noLimit: values.join(' ') }
    if (word === 'ended') report = { ...report, ended: parseEnd(values.map(Number)) }
  }
  return report
}

function parseEnd([
  status = 0,
  wall = 0,
  user = 0,
  system = 0,
  peakKib = 0,
  ownUser = 0,
  ownSystem = 0,
  full = 0,
  left = 0,
  alone = 0,
]: number[]): GuardEnd {
  const signal = status & 0x7f
  return {
    exitCode: signal === 0 ? (status >> 8) & 0xff : null,
    signal: signal === 0 ? null : signal,
    wallMs: wall / 1000,
    cpuUserMs: user / 1000,
    cpuSystemMs: system / 1000,
    memoryPeakBytes: peakKib * 1024,
    ownUserMs: ownUser / 1000,
    ownSystemMs: ownSystem / 1000,
    scratchFull: full === 1,
    processesLeft: left,
    alone: alone === 1,
  }
}
