/** One program in a pod that waits for one, from its job to the keeper's account of its end, or the cluster's. */
import { constants } from 'node:os'
import { EngineFault, NotInImage, type RunListener, type RunOutcome, type RunSpec } from '../../engine.ts'
import { reasonOf } from '../../supervision/ending.ts'
import { environmentOf } from '../../supervision/environment.ts'
import { encodeGuardJob } from '../../supervision/guard.ts'
import { keepOutput, type Output } from '../../supervision/output.ts'
import { keepFirst } from '../../supervision/pipe.ts'
import { resourceLimits } from '../../supervision/resource-limits.ts'
import { signalName } from '../../supervision/signals.ts'
import { type Account, parseAccount } from './account.ts'
import type { Input } from './attach.ts'
import { frame, frames } from './frames.ts'
import type { Log, Word } from './log.ts'
import type { Stages } from './stage.ts'

export type RunSite = {
  readonly input: Input
  readonly log: Log
  readonly stages: Stages
  readonly filter: Buffer
  readonly workBytes: number // of the work directory
  hear(to: (word: Word) => void): void
}

const reportBytesMax = 4096
const ownProcesses = 1 // the keeper, which has the program's user
const answerMs = 20_000 // after the wall time: then the pod is not believed any more
const lastWordsMs = 5000 // for the rest of a log, and for the cluster to say how a container ended

/** `clean`: the pod may run another one. Rejects with an EngineFault when it is not known how the program ended. */
export async function runProgram(
  site: RunSite,
  spec: RunSpec,
  listener: RunListener,
  signal: AbortSignal,
): Promise<{ outcome: RunOutcome; clean: boolean }> {
  const { limits } = spec
  const output = keepOutput(limits.outputBytes, listener)
  const report = keepFirst(reportBytesMax)
  const { promise: told, resolve: tell, reject: refuse } = Promise.withResolvers<Account>()
  told.catch(() => {}) // awaited below, unless something else ends the run first
  site.hear(({ kind, bytes }) => {
    if (kind === 'o') output.take('stdout', bytes)
    if (kind === 'e') output.take('stderr', bytes)
    if (kind === 'r') report.take(bytes)
    if (kind !== 'z') return
    try {
      tell(parseAccount(bytes.toString('latin1')))
    } catch (cause) {
      refuse(cause)
    }
  })
  const startedAt = performance.now()
  const onAbort = () => void site.input.send(frame('k')).catch(() => {}) // a broken connection is heard of below
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), limits.wallMs + answerMs)
  try {
    const sent = send(site, spec)
    const lost = Promise.all([sent, ended(site, giveUp.signal)]).then(([, how]) => how)
    sent.then(
      () => (signal.aborted ? onAbort() : signal.addEventListener('abort', onAbort, { once: true })),
      () => {},
    )
    const account = await Promise.race([told, lost])
    return account === 'out_of_memory'
      ? { outcome: outOfMemory(spec, output, performance.now() - startedAt, report.bytes()), clean: false }
      : { outcome: outcomeOf(account, spec, output, report.bytes()), clean: account.clean }
  } finally {
    clearTimeout(timer)
    giveUp.abort()
    signal.removeEventListener('abort', onAbort)
    site.hear(() => {})
  }
}

async function send({ input, filter, workBytes }: RunSite, spec: RunSpec): Promise<void> {
  const { limits } = spec
  const job = encodeGuardJob(
    {
      mode: 'init',
      channel: spec.channel !== undefined,
      countLeft: false,
      limits: [
        ...resourceLimits(limits, {
          diskBytes: Math.max(limits.diskBytes, workBytes),
          processes: limits.processes + ownProcesses,
        }),
        ['msgqueue', 0], // one that outlived its run could not be seen
      ],
      command: spec.command,
      env: environmentOf(spec, '/tmp'),
    },
    '',
  )
  await input.send(frame('a', job))
  await input.send(frame('f', filter))
  for (const each of frames('i', spec.stdin)) await input.send(each)
  for (const each of frames('g', spec.channel?.given ?? new Uint8Array())) await input.send(each)
  await input.send(frame('r', `${limits.wallMs} ${limits.cpuMs} ${limits.outputBytes}`))
}

/** How it ended when the keeper could not say it. Only the kernel's word about memory counts as the program's own end. */
async function ended({ input, log, stages }: RunSite, giveUp: AbortSignal): Promise<'out_of_memory'> {
  const over = new Promise<never>((_, reject) => {
    giveUp.addEventListener('abort', () => reject(new EngineFault('A sandbox did not say how its program ended.')), {
      once: true,
    })
  })
  const stage = stages.until(['out_of_memory'], giveUp)
  stage.catch(() => {})
  // A connection breaks before the cluster says why: it gets a moment.
  const broken = Promise.race([log.ended, input.closed]).then(async () => {
    await stages.until(['out_of_memory'], AbortSignal.any([giveUp, AbortSignal.timeout(lastWordsMs)])).catch((cause: unknown) => {
      throw stages.now()?.is === 'lost'
        ? cause
        : new EngineFault(`The connection to a sandbox broke. ${log.complaint()}`, { cause })
    })
  })
  await Promise.race([stage, broken, over])
  await Promise.race([log.ended.catch(() => {}), new Promise((resolve) => setTimeout(resolve, lastWordsMs).unref())])
  return 'out_of_memory'
}

function outcomeOf(account: Account, spec: RunSpec, output: Output, report: Uint8Array): RunOutcome {
  refuseOurs(account, spec.command[0])
  const { limits } = spec
  const { exitCode, signal, wallMs, cpuUserMs, cpuSystemMs } = account
  const { cut, bytes } = output.end()
  const reason = reasonOf(
    {
      intervention: account.why,
      exitCode,
      signal,
      wallMs,
      cpuMs: Math.max(cpuUserMs + cpuSystemMs, account.cpuSeenMs),
      outputExceeded: output.exceeded,
      oomKills: account.oomKills,
      processesRefused: account.processes >= limits.processes, // rlimits do not count refusals: reached is as good as refused
      diskFull: account.full,
    },
    limits,
  )
  return {
    exitCode,
    signal: signal === null ? null : signalName(signal),
    reason,
    usage: {
      wallMs,
      cpuUserMs,
      cpuSystemMs,
      memoryPeakBytes: account.peakBytes,
      processesPeak: account.processes,
      stdoutBytes: bytes.stdout,
      stderrBytes: bytes.stderr,
    },
    cut,
    report,
  }
}

/** The keeper went with its program, as the kernel ends a container as one. What it would have told is not known. */
function outOfMemory(spec: RunSpec, output: Output, wallMs: number, report: Uint8Array): RunOutcome {
  const { cut, bytes } = output.end()
  const usage = {
    wallMs,
    cpuUserMs: 0,
    cpuSystemMs: 0,
    memoryPeakBytes: spec.limits.memoryBytes,
    processesPeak: null,
    stdoutBytes: bytes.stdout,
    stderrBytes: bytes.stderr,
  }
  return { exitCode: null, signal: signalName(constants.signals.SIGKILL), reason: 'memory', usage, cut, report }
}

function refuseOurs({ exec }: Account, command: string): void {
  if (exec === null) return
  const inWork = command.startsWith('/work/') || command.startsWith('/proc/self/cwd/')
  // What a compiler should have left in the work directory is the program's affair; the tools outside of it are the image's.
  if (exec.startsWith('exec:') && inWork) return
  if (exec.startsWith('exec:')) throw new NotInImage(`The program ${command} cannot be started inside (errno ${exec.slice(5)}).`)
  throw new EngineFault(`A program could not be confined inside (${exec}).`)
}
