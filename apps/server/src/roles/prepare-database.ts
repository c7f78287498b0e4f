import { migrate } from '../platform/db/index.ts'
import { migrateQueue } from '../platform/queue/index.ts'

/** Brings everything that lives in the database to this program's version. Returns the migrations that it applied. */
export async function prepareDatabase(ownerUrl: string): Promise<string[]> {
  const applied = await migrate(ownerUrl)
  await migrateQueue(ownerUrl)
  return applied
}
