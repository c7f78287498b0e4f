import { EngineFault } from './engine.ts'

/**
 * There is no room for a sandbox just now, though one of our own slots is free: a quota, a full cluster. Nobody's fault and
 * nobody's verdict: the job is tried again later, and that costs it no attempt.
 */
export class NoRoom extends EngineFault {
  override name = 'NoRoom'
}
