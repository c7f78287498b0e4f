import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { createLog, type Log } from '../platform/telemetry/index.ts'
import { writeAdminKey } from './all/admin-key.ts'
import { type FromServer, isToServer } from './all/messages.ts'
import { ensureAdministrator } from './first-start.ts'
import { prepareDatabase } from './prepare-database.ts'
import { requireDatabaseUrl } from './require-database-url.ts'
import { openServices, type Services } from './services.ts'
import { startApi } from './start-api.ts'
import { startWorker } from './start-worker.ts'
import { stopAsked, stopInTime } from './stop-asked.ts'

const executorMs = 60_000

/** Api and worker in one process, on a database that it migrates first. */
export async function runServe({ settings }: Config): Promise<number> {
  const stop = stopAsked()
  const log = createLog('serve', settings.CRUCIBLE_LOG_LEVEL)
  const took = phases(log)
  const ownerUrl = requireDatabaseUrl(settings)
  await prepareDatabase(ownerUrl)
  took('migrate')
  const services = await openServices(settings, ownerUrl, log)
  took('open')
  const dataDir = resolve(settings.CRUCIBLE_DATA_DIR)
  await ensureAdministrator(services, dataDir, process.send === undefined ? (key) => writeAdminKey(dataDir, key) : handToParent)
  const [api, worker] = await Promise.all([startApi(services, settings), startWorker(services, settings)])
  took('start')
  await Promise.race([stop, executorSeen(services)])
  took('executor')
  tellParent({ type: 'ready', url: api.url })
  await stop
  return stopInTime(log, settings.CRUCIBLE_GRACE_SECONDS, async () => {
    await Promise.all([api.stop(), worker.stop()]) // who waits for an answer gets it while what runs still may finish
    await services.close()
  })
}

/** Ready is when a program can be run; should the executor take too long, its silence is told by /readyz and the log. */
async function executorSeen({ evaluations, log }: Services): Promise<void> {
  for (const deadlineMs = performance.now() + executorMs; performance.now() < deadlineMs; await delay(50)) {
    if ((await evaluations.executorsPresent().catch(() => 0)) > 0) return
  }
  log.warn('no executor has reported yet')
}

const tellParent = (message: FromServer) => process.send?.(message)

/** The parent writes it, as the user who started it; without its answer the key is not issued. */
async function handToParent(key: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const written = (message: unknown) => (isToServer(message) ? resolve() : undefined)
  const timer = setTimeout(reject, 10_000, new Error('the administrator’s key was not written within 10 s'))
  process.on('message', written)
  tellParent({ type: 'admin-key', key })
  await promise.finally(() => {
    clearTimeout(timer)
    process.off('message', written)
  })
}

function phases(log: Log): (phase: string) => void {
  let beganMs = 0 // since the process began: what loading it took is the first phase's
  return (phase) => {
    const nowMs = performance.now()
    log.debug({ phase, tookMs: Math.round(nowMs - beganMs) }, 'start')
    beganMs = nowMs
  }
}
