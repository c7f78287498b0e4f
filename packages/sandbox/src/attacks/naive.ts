/**
 * Bubblewrap as one would start it at first: by whoever runs us and with their environment, without a system-call filter,
 * descriptors left open, RLIMIT_NPROC set outside, all sandboxes one host user. Controls need it: each of these is a way
 * out or a way to disturb, and an attack that does not find it here would find it nowhere. Never offered to run anything.
 */
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { type Engine, EngineFault, type RunListener, type RunOutcome, type RunSpec } from '../engine.ts'
import { reasonOf } from '../supervision/ending.ts'
import { keepOutput } from '../supervision/output.ts'
import { putFiles } from '../supervision/put-files.ts'
import { signalName } from '../supervision/signals.ts'
import type { Owner } from './attack.ts'

export type NaiveOptions = {
  readonly slots: number
  readonly stateDir: string // exists; whoever runs the sandboxes may enter it
  readonly bubblewrap: string
  /** As whom bubblewrap is started, in all sandboxes; null: as ourselves, which under root is the first trap. */
  readonly owner: Owner | null
}

export function naiveEngine(options: NaiveOptions): Engine {
  return {
    name: 'naive',
    version: '1',
    isolation: 'none', // it claims nothing
    mechanisms: {
      wallMs: 'supervisor',
      cpuMs: 'none',
      memoryBytes: 'none',
      processes: 'rlimit',
      outputBytes: 'supervisor',
      diskBytes: 'none',
    },
    slots: options.slots,
    cannot: ['It isolates nothing that it promises to: it is for controls alone.'],
    broken: new Promise(() => {}),
    async open() {
      const work = mkdtempSync(join(options.stateDir, 'naive-'))
      chmodSync(work, 0o755)
      if (options.owner) chownSync(work, options.owner.uid, options.owner.gid)
      return {
        async put(files) {
          putFiles(work, files, options.owner)
        },
        async seal() {},
        run: (spec, listener, signal) => run(options, work, spec, listener, signal),
        async destroy() {
          rmSync(work, { recursive: true, force: true })
        },
      }
    },
    async close() {},
  }
}

function argumentsOf({ bubblewrap }: NaiveOptions, work: string, spec: RunSpec): string[] {
  const binds = spec.show.flatMap((show) => (typeof show === 'string' ? [] : ['--ro-bind', show.host, show.inside]))
  return [
    ...['prlimit', `--nproc=${spec.limits.processes}`, bubblewrap, '--unshare-all', '--uid', '65534', '--gid', '65534'],
    ...['--cap-drop', 'ALL', '--die-with-parent', '--clearenv', '--ro-bind', '/usr', '/usr'],
    ...['bin', 'lib', 'lib64'].flatMap((name) => (existsSync(`/${name}`) ? ['--symlink', `usr/${name}`, `/${name}`] : [])),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--bind', work, '/work', '--chdir', '/work', ...binds],
    ...Object.entries(spec.env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...spec.command,
  ]
}

async function run(
  options: NaiveOptions,
  work: string,
  spec: RunSpec,
  listener: RunListener,
  signal: AbortSignal,
): Promise<RunOutcome> {
  if (spec.channel) throw new EngineFault('A naive sandbox runs no hidden program.')
  const { limits } = spec
  const output = keepOutput(limits.outputBytes, listener)
  const [program = '', ...args] = argumentsOf(options, work, spec)
  const startedAt = performance.now()
  const child = spawn(program, args, { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], ...(options.owner ?? {}) })
  let intervention: 'wall_time' | 'output' | 'cancelled' | null = null
  const end = (why: typeof intervention) => {
    intervention ??= why
    child.kill('SIGKILL')
  }
  const cancel = () => end('cancelled')
  const wall = setTimeout(() => end('wall_time'), limits.wallMs)
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  child.stdin.on('error', () => {}) // it need not read
  child.stdin.end(spec.stdin)
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk: Buffer) => {
      output.take(stream, chunk)
      if (output.exceeded) end('output')
    })
  }
  try {
    const [exitCode, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', (cause) => reject(new EngineFault('Bubblewrap could not be started.', { cause })))
      child.once('close', (code, by) => resolve([code, by]))
    })
    const { cut, bytes } = output.end()
    const number = killedBy === null ? null : constants.signals[killedBy]
    const wallMs = performance.now() - startedAt
    const seen = { intervention, exitCode, signal: number, wallMs, cpuMs: 0 }
    return {
      exitCode,
      signal: number === null ? null : signalName(number),
      reason: reasonOf(
        { ...seen, outputExceeded: output.exceeded, oomKills: 0, processesRefused: false, diskFull: false },
        limits,
      ),
      usage: {
        wallMs,
        cpuUserMs: 0,
        cpuSystemMs: 0,
        memoryPeakBytes: null,
        processesPeak: null,
        stdoutBytes: bytes.stdout,
        stderrBytes: bytes.stderr,
      },
      cut,
      report: new Uint8Array(0),
    }
  } finally {
    clearTimeout(wall)
    signal.removeEventListener('abort', cancel)
  }
}
