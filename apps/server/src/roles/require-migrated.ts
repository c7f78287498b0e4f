import type { Settings } from '../config.ts'
import { pendingMigrations } from '../platform/db/index.ts'
import { requireDatabaseUrl } from './require-database-url.ts'

/** The owner's URL of a database that is at this program's version; replicas do not race to migrate it. */
export async function requireMigrated(settings: Settings): Promise<string> {
  const ownerUrl = requireDatabaseUrl(settings)
  const pending = await pendingMigrations(ownerUrl)
  if (pending.length > 0) throw new Error(`the database lacks ${pending.join(', ')}; run the role migrate first`)
  return ownerUrl
}
