/** One program in a container of its own, from the container's creation to the death of the program's last process. */
import { randomBytes } from 'node:crypto'
import { EngineFault, type RunListener, type RunOutcome, type RunSpec } from '../../engine.ts'
import type { Intervention } from '../../supervision/ending.ts'
import { keepOutput } from '../../supervision/output.ts'
import { keepFirst } from '../../supervision/pipe.ts'
import type { Calls } from './calls.ts'
import type { ContainerConfig } from './container.ts'
import { type GroupsSeen, parseGroupsSeen } from './group-report.ts'
import { firstWords, type JobSite, stdinParts } from './job.ts'
import { type Container, type Hear, launch } from './launch.ts'
import { outcomeOf } from './outcome.ts'
import { frame, Garbled } from './talk.ts'

export type RunSite = JobSite & { readonly calls: Calls; readonly name: string; readonly config: ContainerConfig }

const reportBytesMax = 4096
const statusBytesMax = 4096
const setUpDeadlineMs = 60_000 // for what is ours and the daemon's: a busy one takes its time
const killDeadlineMs = 3000 // for the guard to end everything and to say so; then the daemon is asked to
const wallSlackMs = 2000 // the guard keeps the wall time; should it not, we do
const codeDeadlineMs = 10_000

/** `gone` settles when the daemon has removed the container. The result does not wait for that: no process is left in it. */
export type Ran = { readonly outcome: RunOutcome; readonly gone: Promise<void>; readonly groups: GroupsSeen }

export async function runProgram(site: RunSite, spec: RunSpec, listener: RunListener, signal: AbortSignal): Promise<Ran> {
  const output = keepOutput(spec.limits.outputBytes, listener)
  const report = keepFirst(reportBytesMax)
  const status = keepFirst(statusBytesMax)
  const input = stdinParts(spec.stdin)
  const secret = randomBytes(16).toString('hex')
  const lastWords = Promise.withResolvers<void>()
  const timers: NodeJS.Timeout[] = []
  const beganAt = performance.now()

  let container: Container | null = null
  let intervention: Intervention | null = null
  let phase: 'before' | 'running' | 'over' | 'forged' = 'before'
  const intervene = (why: Intervention) => {
    if (intervention) return
    intervention = why
    container?.say(frame('k'))
    timers.push(setTimeout(() => void container?.kill().catch(() => {}), killDeadlineMs))
  }
  const hear: Hear = (kind, bytes, say) => {
    if (phase === 'over' || phase === 'forged') return
    if (kind === 'o') output.take('stdout', bytes)
    if (kind === 'e') output.take('stderr', bytes)
    if (kind === 'r') report.take(bytes)
    if (kind === 'n') say(input.next())
    if (kind === 's' && phase === 'before') {
      status.take(bytes)
      if (bytes.toString('latin1') === 'started\n') {
        phase = 'running'
        timers.push(setTimeout(() => intervene('wall_time'), spec.limits.wallMs + wallSlackMs))
      }
    }
    if (kind === 'f') {
      phase = bytes.subarray(0, secret.length).equals(Buffer.from(secret)) ? 'over' : 'forged'
      if (phase === 'over') status.take(bytes.subarray(secret.length))
      lastWords.resolve()
    }
    if (output.exceeded) intervene('output')
  }
  const onAbort = () => intervene('cancelled')
  const told = () => status.bytes().toString('latin1')
  const result = (containerCode: number | null, gone: Promise<void>): Ran => ({
    outcome: outcomeOf({
      spec,
      status: told(),
      intervention,
      groupRefuses: site.bounds.groupRefuses,
      forged: phase === 'forged',
      elapsedMs: performance.now() - beganAt,
      output,
      report: report.bytes(),
      containerCode,
      complaint: container?.complaint() ?? '',
    }),
    gone,
    groups: parseGroupsSeen(told()),
  })

  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted) onAbort()
    const startSignal = AbortSignal.any([signal, AbortSignal.timeout(setUpDeadlineMs)])
    container = await launch(site.calls, site.name, site.config, firstWords(spec, site, secret, input.next()), hear, startSignal)
    if (intervention) container.say(frame('k')) // it came before there was a container to say it to
    await Promise.race([lastWords.promise, container.over]).catch((cause: unknown) => {
      if (!(site.guardReachable && phase === 'running' && cause instanceof Garbled)) throw cause
      phase = 'forged'
    })
    const code = phase === 'before' || phase === 'running' ? await codeOf(container) : null
    return result(code, container.gone())
  } catch (cause) {
    await container?.gone()
    if (!container && signal.aborted) return result(null, Promise.resolve())
    throw cause instanceof EngineFault ? cause : new EngineFault('A program could not be run.', { cause })
  } finally {
    for (const timer of timers) clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** Bounded: a daemon that has gone away tells no code any more. */
async function codeOf(container: Container): Promise<number | null> {
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(() => late.resolve(null), codeDeadlineMs)
  const code = await Promise.race([container.removed.catch(() => null), late.promise])
  clearTimeout(timer)
  return code
}
