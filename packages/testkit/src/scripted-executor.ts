/** An executor whose engine is a script: the real wire over a unix socket, and no sandbox behind it. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  ExecutorStatus,
  Job,
  JobEvent,
  Judgement,
  RunResult,
  RuntimeInfo,
  SaidJobEvent,
  Verdict,
} from '@crucible/sandbox/spec'

export type ScriptedJob = {
  readonly job: Job
  /** The program's text, by which scripts decide what happens. */
  readonly code: string
  readonly emit: (event: SaidJobEvent) => void
  /** Aborted when the worker hangs up. */
  readonly signal: AbortSignal
  /** Breaks the stream, as an executor does that was killed. */
  readonly die: () => void
}
export type Script = (job: ScriptedJob) => Promise<void> | void

export type ScriptedExecutor = {
  readonly socketPath: string
  readonly token: string
  /** The attempts that were begun, in order. */
  readonly begun: string[]
  /** How many run at this moment. */
  running(): number
  runningMost(): number
  /** Stops answering, as one that is restarted; `rise` answers again on the same socket. */
  fall(): Promise<void>
  rise(): Promise<void>
  stop(): Promise<void>
}

export type ScriptedOptions = {
  readonly slots?: number
  readonly name?: string
  /** What it says of itself; default an engine `scripted` with isolation `process`. */
  readonly says?: Partial<ExecutorStatus>
}

export async function scriptedExecutor(script: Script, options: ScriptedOptions = {}): Promise<ScriptedExecutor> {
  const folder = await mkdtemp(join(tmpdir(), 'crucible-executor-'))
  const socketPath = join(folder, 'executor.sock')
  const token = 'scripted'
  const slots = options.slots ?? 64
  const begun: string[] = []
  const open = new Set<ServerResponse>()
  let most = 0

  const run = async (text: string, response: ServerResponse) => {
    const job = JSON.parse(text) as Job // the worker's own words; the real executor parses them
    const ended = new AbortController()
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders()
    const emit = (event: SaidJobEvent) => void response.write(`${JSON.stringify(event)}\n`)
    if (open.size >= slots) {
      emit({ type: 'fault', code: 'busy', detail: 'all slots are taken' })
      return void response.end()
    }
    open.add(response)
    most = Math.max(most, open.size)
    begun.push(job.attemptId)
    response.once('close', () => {
      open.delete(response)
      ended.abort()
    })
    await script({ job, code: job.files[0]?.content ?? '', emit, signal: ended.signal, die: () => response.destroy() })
    response.end()
  }

  const begin = async () => {
    const server = createServer(async (request, response) => {
      if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end()
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      if (request.url === '/status')
        return void response.end(JSON.stringify({ ...statusOf(options.name ?? 'scripted', slots, open.size), ...options.says }))
      await run(Buffer.concat(chunks).toString(), response)
    })
    server.listen(socketPath)
    await once(server, 'listening')
    return server
  }
  let server = await begin()
  const fall = async () => {
    server.close()
    server.closeAllConnections()
    await rm(socketPath, { force: true })
  }
  return {
    socketPath,
    token,
    begun,
    running: () => open.size,
    runningMost: () => most,
    fall,
    async rise() {
      server = await begin()
    },
    async stop() {
      await fall()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const scriptedRuntime = (language: string, version: string, entry: string, aliases: string[] = []): RuntimeInfo => ({
  language,
  version,
  name: `${language}@${version}`,
  title: language,
  toolVersion: `${language} ${version}`,
  aliases,
  extension: entry.slice(entry.lastIndexOf('.')),
  entry,
  compiled: false,
  harness: true,
})

const mechanisms = {
  wallMs: 'supervisor',
  cpuMs: 'cgroup-v1',
  memoryBytes: 'cgroup-v1',
  processes: 'cgroup-v1',
  outputBytes: 'supervisor',
  diskBytes: 'none',
} as const

const statusOf = (name: string, slots: number, busy: number): ExecutorStatus => ({
  ...{
    name,
    version: '1',
    engine: 'scripted',
    engineVersion: '1',
    isolation: 'process',
    mechanisms,
    slots,
    busy,
    unavailable: [],
    findings: [],
    cannot: [],
    engines: [],
  },
  runtimes: [
    scriptedRuntime('python', '3.9', 'main.py', ['py']),
    scriptedRuntime('python', '3.11', 'main.py', ['py']),
    scriptedRuntime('bash', '5.2', 'main.sh', ['sh']),
  ],
})

export const started: JobEvent = {
  type: 'started',
  environment: {
    ...{
      engine: 'scripted',
      engineVersion: '1',
      isolation: 'process',
      mechanisms,
      runtime: 'python@3.11',
      runtimeVersion: 'Python 3.11.2',
    },
    ...{ kernel: 'test', cpuModel: 'test', imageDigest: null, limits: null, variables: { TZ: 'UTC' } },
    reservation: { slots: 1, ofSlots: 64 },
    hostAtStart: { loadAverage: 0.5, stealMs: 10 },
    hostAtEnd: null,
  },
}

export const runResult = (exitCode: number, stdoutBytes = 0, stderrBytes = 0): RunResult => ({
  ...{ exitCode, signal: null, reason: 'exited', cut: { stdout: null, stderr: null }, start: 'cold' },
  usage: {
    ...{ wallMs: 1, cpuUserMs: 1, cpuSystemMs: 0, memoryPeakBytes: null, processesPeak: null },
    ...{ ioReadBytes: null, ioWriteBytes: null, stdoutBytes, stderrBytes },
  },
})

export const judgement = (verdict: Verdict, run: RunResult = runResult(verdict === 'accepted' ? 0 : 1)): Judgement => ({
  ...{ verdict, score: verdict === 'accepted' ? 1 : 0, compile: null, run, tests: [] },
})

/** Starts, writes what is given, ends with the verdict. */
export function playOut(job: ScriptedJob, stdout = '', verdict: Verdict = 'accepted'): void {
  const result = runResult(verdict === 'accepted' ? 0 : 1, Buffer.byteLength(stdout))
  job.emit(started)
  job.emit({ type: 'run_started', run: 'run' })
  if (stdout !== '') job.emit({ type: 'output', run: 'run', stream: 'stdout', base64: Buffer.from(stdout).toString('base64') })
  job.emit({ type: 'run_finished', run: 'run', result })
  job.emit({ type: 'finished', judgement: judgement(verdict, result), host: { loadAverage: 1.5, stealMs: 30 } })
}

/** Resolves when the worker hangs up. */
export const hungUp = ({ signal }: ScriptedJob): Promise<void> =>
  signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
