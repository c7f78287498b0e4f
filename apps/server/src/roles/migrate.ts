import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { openDb } from '../platform/db/index.ts'
import { createLog } from '../platform/telemetry/index.ts'
import { writeAdminKey } from './all/admin-key.ts'
import { ensureAdministrator } from './first-start.ts'
import { prepareDatabase } from './prepare-database.ts'
import { requireDatabaseUrl } from './require-database-url.ts'

/** Brings the database to this version and makes sure that an administrator has a key. */
export async function runMigrate({ settings }: Config): Promise<number> {
  const ownerUrl = requireDatabaseUrl(settings)
  const log = createLog('migrate', settings.CRUCIBLE_LOG_LEVEL)
  const applied = await prepareDatabase(ownerUrl)
  const db = await openDb({ ownerUrl, connectionsMax: 2, onFault: (err) => log.warn({ err }, 'a database connection was lost') })
  try {
    const dataDir = resolve(settings.CRUCIBLE_DATA_DIR)
    await ensureAdministrator({ db }, dataDir, (key) => writeAdminKey(dataDir, key))
  } finally {
    await db.close()
  }
  process.stdout.write(applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.join(', ')}.\n`)
  return 0
}
