/** The job that an executor gets: what the caller sent, limits and runtime, and no tenant. */
import type { AttemptId, Limits } from '@crucible/contracts'
import type { Job } from '@crucible/sandbox/spec'
import type { Claimed } from './moves.ts'
import type { Bundle } from './plan.ts'

const MiB = 1024 * 1024

/**
 * A compiler is not the submission: it gets limits of its own, as strictly enforced, that do not shrink with what the
 * caller allows the program (javac alone takes more than many programs may).
 */
const compileLimits: Limits = {
  wallMs: 60_000,
  cpuMs: 60_000,
  memoryBytes: 2048 * MiB,
  processes: 256,
  outputBytes: 1 * MiB,
  diskBytes: 256 * MiB,
}

type Head = Omit<Job, keyof Bundle>

/**
 * The job as JSON. The stored bundle is spliced in as it is: at a megabyte of source,
 * parsing and writing it again would cost more than all else that the platform does for an evaluation.
 */
export function jobOf(attemptId: AttemptId, { runtime, limits, bundle }: Claimed): Buffer {
  const at = runtime.indexOf('@')
  const head: Head = {
    attemptId,
    language: runtime.slice(0, at),
    version: runtime.slice(at + 1),
    limits,
    compileLimits: { ...compileLimits, diskBytes: Math.max(compileLimits.diskBytes, limits.diskBytes) },
  }
  const opening = Buffer.from(JSON.stringify(head).slice(0, -1))
  return Buffer.concat([opening, comma, bundle.subarray(1)])
}
const comma = Buffer.from(',')

const graceMs = 60_000

/** When an executor that has not ended the job is taken for dead. */
export const deadlineMs = ({ limits, tests_total }: Claimed) =>
  compileLimits.wallMs + limits.wallMs * Math.max(1, tests_total) + graceMs
