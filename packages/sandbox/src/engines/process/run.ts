/** One program as a child of the guard, which collects whatever it leaves behind. */
import { spawn } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { join } from 'node:path'
import { EngineFault, type RunListener, type RunOutcome, type RunSpec } from '../../engine.ts'
import { type Intervention, reasonOf } from '../../supervision/ending.ts'
import { environmentOf } from '../../supervision/environment.ts'
import { encodeGuardJob, parseGuardReport } from '../../supervision/guard.ts'
import { keepOutput } from '../../supervision/output.ts'
import { keepFirst, readPipe } from '../../supervision/pipe.ts'
import { processorSeconds } from '../../supervision/resource-limits.ts'
import { signalName } from '../../supervision/signals.ts'
import { exactMemoryBytes, processesBelow, sampleTree, type TreeSample } from '../../supervision/tree.ts'
import type { ProcessSite } from './site.ts'

const statusBytesMax = 4096
const reportBytesMax = 4096
const samplePauseMs = 20
const killDeadlineMs = 5000

export async function runProgram(
  site: ProcessSite,
  spec: RunSpec,
  { work, scratch }: { work: string; scratch: string },
  listener: RunListener,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { limits } = spec
  const output = keepOutput(limits.outputBytes, listener)
  const report = keepFirst(reportBytesMax)
  const status = keepFirst(statusBytesMax)
  const at = (name: string) => join(site.directory, name)

  const job = encodeGuardJob(
    {
      mode: 'reaper',
      channel: spec.channel !== undefined,
      countLeft: false, // without a namespace it would count the whole machine
      // nproc is left alone: it counts every process of the user on this machine.
      limits: [
        ['core', 0],
        ['cpu', processorSeconds(limits)],
      ],
      command: spec.command,
      env: { TMPDIR: scratch, ...environmentOf(spec, scratch) },
    },
    site.guardNumbers,
  )
  for (const [name, bytes] of Object.entries({ stdin: spec.stdin, given: spec.channel?.given ?? '', job, diagnosis: '' })) {
    writeFileSync(at(name), bytes, { mode: 0o644 })
  }
  // Read ends first: a pipe without a reader cannot be opened for writing without waiting.
  const readers = ['out', 'err', 'report', 'status'].map((name) => openSync(at(name), constants.O_RDONLY | constants.O_NONBLOCK))
  const [out = -1, err = -1, reported = -1, told = -1] = readers
  const write = (name: string) => openSync(at(name), constants.O_WRONLY)
  const read = (name: string) => openSync(at(name), constants.O_RDONLY)
  const ends = [
    read('stdin'),
    write('out'),
    write('diagnosis'),
    read('given'),
    write('report'),
    write('err'),
    read('job'),
    write('status'),
  ] as const
  const [stdin, stdout, diagnosis, given, reporting, stderr, jobEnd, telling] = ends
  const child = spawn(site.perl, [site.script], {
    cwd: work,
    env: {},
    detached: true,
    ...(site.owner ?? {}),
    stdio: [stdin, stdout, diagnosis, given, reporting, 'ignore', 'ignore', stderr, jobEnd, telling],
  })
  for (const end of ends) closeSync(end)

  let intervention: Intervention | null = null
  let deadline: NodeJS.Timeout | null = null
  const intervene = (why: Intervention) => {
    if (intervention) return
    intervention = why
    child.kill('SIGTERM') // the guard then kills all that descends from it, and still reports
    child.kill('SIGCONT') // for nothing keeps a program from having stopped the guard
    deadline = setTimeout(killAll, killDeadlineMs)
  }
  const killAll = () => {
    for (const pid of child.pid ? processesBelow(child.pid) : []) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // ended by itself between the two lines
      }
    }
  }
  const onAbort = () => intervene('cancelled')
  const peaks = { memoryBytes: 0, processes: 0, cpuMs: 0 }
  const look = () => {
    const seen = child.pid ? withoutGuard(sampleTree(child.pid)) : null
    if (!seen) return
    peaks.memoryBytes = Math.max(peaks.memoryBytes, seen.memoryBytes)
    peaks.processes = Math.max(peaks.processes, seen.processes)
    peaks.cpuMs = Math.max(peaks.cpuMs, seen.cpuMs)
    if (seen.memoryBytes > limits.memoryBytes && child.pid && exactMemoryBytes(child.pid) > limits.memoryBytes)
      intervene('memory')
    else if (peaks.cpuMs > limits.cpuMs) intervene('cpu_time')
    else if (seen.processes > limits.processes) intervene('processes')
  }
  const takeOutput = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    output.take(stream, chunk)
    if (output.exceeded) intervene('output')
  }
  const startedAt = performance.now()
  const sampling = setInterval(look, samplePauseMs)
  const wall = setTimeout(() => intervene('wall_time'), limits.wallMs)
  const exited = new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(new EngineFault('The guard could not be started.', { cause })))
    child.once('exit', () => resolve())
  })
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.all([
      exited,
      readPipe(out, takeOutput('stdout')),
      readPipe(err, takeOutput('stderr')),
      readPipe(reported, report.take),
      readPipe(told, status.take),
    ])
  } finally {
    clearInterval(sampling)
    clearTimeout(wall)
    if (deadline) clearTimeout(deadline)
    signal.removeEventListener('abort', onAbort)
  }

  const { ended, noLimit, started } = parseGuardReport(status.bytes().toString('latin1'))
  if (noLimit || (!ended && !intervention && !started)) {
    throw new EngineFault(
      `A program could not be started: ${noLimit ?? readFileSync(at('diagnosis'), 'utf8').trim().slice(0, 500)}`,
    )
  }
  const wallMs = ended?.wallMs ?? performance.now() - startedAt
  const exitCode = ended ? ended.exitCode : null
  const killedBy = ended ? ended.signal : osConstants.signals.SIGKILL
  const { cut, bytes } = output.end()
  const cpuUserMs = ended?.cpuUserMs ?? peaks.cpuMs
  const cpuSystemMs = ended?.cpuSystemMs ?? 0
  const evidence = { intervention, exitCode, signal: killedBy, wallMs, cpuMs: Math.max(cpuUserMs + cpuSystemMs, peaks.cpuMs) }
  return {
    exitCode,
    signal: killedBy === null ? null : signalName(killedBy),
    reason: reasonOf(
      { ...evidence, outputExceeded: output.exceeded, oomKills: 0, processesRefused: false, diskFull: false },
      limits,
    ),
    usage: {
      wallMs,
      cpuUserMs,
      cpuSystemMs,
      memoryPeakBytes: Math.max(peaks.memoryBytes, ended?.memoryPeakBytes ?? 0),
      processesPeak: Math.max(1, peaks.processes),
      stdoutBytes: bytes.stdout,
      stderrBytes: bytes.stderr,
    },
    cut,
    report: report.bytes(),
  }
}

const withoutGuard = (sample: TreeSample): TreeSample => ({ ...sample, processes: Math.max(0, sample.processes - 1) })
