import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../platform/telemetry/index.ts'

/** Settles at the first request to stop; a process whose starter is gone has nobody left to ask it. */
export const stopAsked = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
    process.once('disconnect', () => resolve())
  })

const afterGraceMs = 10_000
const orphanedMs = 2_000 // the database, which the same process started, ends now too: there is nothing to hand back to

/**
 * Stops, but not for ever: a drain that waits for a database that has gone would keep the process alive. What is left
 * undone is what a killed process leaves, and is taken up in the same way. Gives the exit code.
 */
export async function stopInTime(log: Log, graceSeconds: number, stop: () => Promise<void>): Promise<number> {
  const late = Promise.race([delay(graceSeconds * 1_000 + afterGraceMs), orphaned().then(() => delay(orphanedMs))])
  if (await Promise.race([stop().then(() => true), late.then(() => false)])) return 0
  log.error('could not stop cleanly in time')
  return 1
}

const orphaned = (): Promise<void> =>
  new Promise((resolve) => {
    if (process.send !== undefined && !process.connected) resolve()
    else process.once('disconnect', () => resolve())
  })
