/** What the kernel's resource limits hold in every engine, beside whatever else bounds a run. */
import type { Limits } from '../spec.ts'
import type { Resource } from './guard.ts'

const openFilesMax = 1024
const stackBytes = 64 * 1024 * 1024
const lockedBytes = 64 * 1024
const pageBytes = 4096

/** A backstop in whole seconds, and each process has its own. */
export const processorSeconds = ({ cpuMs }: Limits): number => Math.ceil(cpuMs / 1000) + 1

/**
 * `diskBytes`: of the largest file system that the run can write to. `processes`: what to count up to is the engine's to know,
 * for it depends on whose processes the kernel counts together.
 */
export function resourceLimits(
  limits: Limits,
  { diskBytes, processes }: { diskBytes: number; processes: number },
): (readonly [Resource, number])[] {
  return [
    ['core', 0],
    // More than the file systems hold: they must be the first to refuse, for one that is full can be seen afterwards.
    ['fsize', diskBytes + pageBytes],
    ['nofile', openFilesMax],
    ['stack', stackBytes],
    ['memlock', lockedBytes],
    ['cpu', processorSeconds(limits)],
    ['nproc', processes],
  ]
}
