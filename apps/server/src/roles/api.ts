import type { Config } from '../config.ts'
import { createLog } from '../platform/telemetry/index.ts'
import { requireMigrated } from './require-migrated.ts'
import { openServices } from './services.ts'
import { startApi } from './start-api.ts'
import { stopAsked, stopInTime } from './stop-asked.ts'

/** Answers HTTP until it is told to stop. */
export async function runApi({ settings }: Config): Promise<number> {
  const stop = stopAsked()
  const services = await openServices(settings, await requireMigrated(settings), createLog('api', settings.CRUCIBLE_LOG_LEVEL))
  const api = await startApi(services, settings)
  await stop
  return stopInTime(services.log, settings.CRUCIBLE_GRACE_SECONDS, async () => {
    await api.stop()
    await services.close()
  })
}
