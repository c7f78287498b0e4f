import type { Config } from '../config.ts'
import { createLog } from '../platform/telemetry/index.ts'
import { requireMigrated } from './require-migrated.ts'
import { openServices } from './services.ts'
import { startWorker } from './start-worker.ts'
import { stopAsked, stopInTime } from './stop-asked.ts'

/** Takes evaluations from the queue until it is told to stop. */
export async function runWorker({ settings }: Config): Promise<number> {
  const stop = stopAsked()
  const services = await openServices(settings, await requireMigrated(settings), createLog('worker', settings.CRUCIBLE_LOG_LEVEL))
  const worker = await startWorker(services, settings)
  await stop
  return stopInTime(services.log, settings.CRUCIBLE_GRACE_SECONDS, async () => {
    await worker.stop()
    await services.close()
  })
}
