/** From what the guard told, or did not live to tell, to the outcome of a run. */
import { constants } from 'node:os'
import { EngineFault, NotInImage, type RunOutcome, type RunSpec } from '../../engine.ts'
import { type Intervention, reasonOf } from '../../supervision/ending.ts'
import { parseGuardReport } from '../../supervision/guard.ts'
import type { Output } from '../../supervision/output.ts'
import { signalName } from '../../supervision/signals.ts'
import { workDirectory } from './container.ts'
import { parseGroupReport } from './group-report.ts'

export type Seen = {
  readonly spec: RunSpec
  readonly status: string
  readonly intervention: Intervention | null // ours, from outside
  readonly groupRefuses: boolean
  readonly forged: boolean // the program spoke as if it were the guard
  readonly elapsedMs: number
  readonly output: Output
  readonly report: Uint8Array
  /** How the container ended, when the guard did not say how the program did; null: nobody knows. */
  readonly containerCode: number | null
  readonly complaint: string
}

/** Languages say it either way. */
const isOfTheProgram = (command: string) => [workDirectory, '/proc/self/cwd'].some((place) => command.startsWith(`${place}/`))
const killedCode = 128 + constants.signals.SIGKILL // as Docker tells it

/** Throws an EngineFault when it was we who failed and not the program. */
export function outcomeOf(seen: Seen): RunOutcome {
  const told = parseGuardReport(seen.status)
  const group = parseGroupReport(seen.status)
  const { ended } = told
  const missing = /^missing (.*)$/m.exec(seen.status)?.[1]
  if (missing !== undefined) throw new NotInImage(`The path ${missing}, which a program needs, does not exist in the image.`)
  if (/^terminated$/m.test(seen.status)) throw new EngineFault('The Docker daemon ended a container that was running.')
  if (told.noLimit) throw new EngineFault(`A resource limit could not be set inside (${told.noLimit}).`)
  // What a compiler should have left in the work directory is the program's affair; the tools outside of it are ours.
  const [command] = seen.spec.command
  if (told.noExec !== null && !isOfTheProgram(command)) {
    throw new NotInImage(`The program ${command} cannot be started in the image (errno ${told.noExec}).`)
  }
  const { limits } = seen.spec
  const intervention = group?.stoppedFor ?? seen.intervention
  /*
   * Nothing inside can kill the guard, which is pid 1 there, and we did not: so the kernel did, because what the program had
   * filled was all memory that there is, a full /tmp for example, and the guard was what was left. An operator's
   * `docker kill` looks the same; the guide says so.
   */
  const outOfMemory = ended === null && intervention === null && !seen.forged && seen.containerCode === killedCode
  if (ended === null && intervention === null && !seen.forged && !outOfMemory) {
    const how = seen.containerCode === null ? 'it is not known how' : `with ${seen.containerCode}`
    throw new EngineFault(`A container ended before its program had (${how}): ${seen.complaint || 'no reason was given'}`)
  }

  const exitCode = ended ? ended.exitCode : null
  const signal = ended ? ended.signal : constants.signals.SIGKILL
  const wallMs = ended?.wallMs ?? seen.elapsedMs
  const cpuUserMs = Math.max(ended?.cpuUserMs ?? 0, group?.cpuUserMs ?? 0)
  const cpuSystemMs = Math.max(ended?.cpuSystemMs ?? 0, group?.cpuSystemMs ?? 0)
  const { cut, bytes } = seen.output.end()
  const evidence = {
    intervention,
    exitCode,
    signal,
    wallMs,
    cpuMs: cpuUserMs + cpuSystemMs,
    outputExceeded: seen.output.exceeded,
    oomKills: (group?.oomKills ?? 0) + (outOfMemory ? 1 : 0),
    // Where only a resource limit refuses, which nobody remembers, reached is as good as refused.
    processesRefused:
      group !== null && (group.processesRefused || (!seen.groupRefuses && group.processesPeak >= limits.processes)),
    diskFull: group?.diskFull ?? false,
  }
  return {
    exitCode,
    signal: signal === null ? null : signalName(signal),
    reason: seen.forged ? 'violation' : reasonOf(evidence, limits),
    usage: {
      wallMs,
      cpuUserMs,
      cpuSystemMs,
      memoryPeakBytes: group?.memoryPeakBytes ?? ended?.memoryPeakBytes ?? null,
      processesPeak: group?.processesPeak ?? null,
      stdoutBytes: bytes.stdout,
      stderrBytes: bytes.stderr,
    },
    cut,
    report: seen.report,
  }
}
