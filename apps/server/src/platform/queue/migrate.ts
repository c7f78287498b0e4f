import { runMigrations } from 'bullmq'
import { loginRoles, withOwner } from '../db/index.ts'

/** Brings the queue's own schema to the version of the installed library. Two that start at once take turns. */
export async function migrateQueue(ownerUrl: string): Promise<void> {
  await withOwner(ownerUrl, async (owner) => {
    await runMigrations(owner, 'bullmq')
    await owner.query(`
      -- create: the library makes a sequence for each queue when it is first used
      grant usage, create on schema bullmq to ${loginRoles.app};
      grant select, insert, update, delete on all tables in schema bullmq to ${loginRoles.app};
      grant usage on all sequences in schema bullmq to ${loginRoles.app};
      grant execute on all functions in schema bullmq to ${loginRoles.app}`)
  })
}
