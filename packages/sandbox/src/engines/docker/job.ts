/** What the first process of a run's container is told before the start: the program, its limits and its input. */
import type { RunSpec } from '../../engine.ts'
import { environmentOf } from '../../supervision/environment.ts'
import { encodeGuardJob } from '../../supervision/guard.ts'
import { resourceLimits } from '../../supervision/resource-limits.ts'
import type { ProcessBounds } from './process-bounds.ts'
import { frame, guardScript } from './talk.ts'

export type JobSite = {
  readonly diskBytes: number
  readonly processors: number
  readonly guardNumbers: string
  /** A seccomp filter that the guard loads, where the runtime ignores the profile. */
  readonly filter: Buffer | null
  /** On gVisor a program can write into what the guard says to us, and so garble it, though not forge its last words. */
  readonly guardReachable: boolean
  readonly bounds: ProcessBounds
}

const stdinPartBytes = 64 * 1024

/** `secret`: with it the guard proves that its last words are its own. */
export function firstWords(spec: RunSpec, site: JobSite, secret: string, stdin: Buffer): Buffer {
  const { limits } = spec
  const job = {
    mode: 'init' as const,
    channel: spec.channel !== undefined,
    countLeft: true,
    limits: resourceLimits(limits, { diskBytes: site.diskBytes, processes: site.bounds.user }),
    command: spec.command,
    env: environmentOf(spec, '/tmp'),
  }
  return Buffer.concat([
    guardScript,
    frame('j', encodeGuardJob(job, site.guardNumbers)),
    frame('p', spec.show.map((show) => `${typeof show === 'string' ? show : show.inside}\0`).join('')),
    ...(site.filter ? [frame('f', site.filter)] : []),
    frame('c', spec.channel?.given ?? ''),
    frame('w', `${limits.wallMs} ${limits.cpuMs} ${site.processors}`),
    frame('t', secret),
    stdin,
    frame('g'),
  ])
}

/**
 * Standard input in parts, each sent when the guard has room for it: a program that does not read must not keep a later
 * word of ours waiting behind what it does not want.
 */
export function stdinParts(stdin: Uint8Array): { next(): Buffer } {
  let sent = 0
  return {
    next() {
      const part = stdin.subarray(sent, sent + stdinPartBytes)
      sent += part.length
      const more = part.length > 0 ? [frame('i', part)] : []
      return Buffer.concat(sent === stdin.length ? [...more, frame('z')] : more)
    },
  }
}
