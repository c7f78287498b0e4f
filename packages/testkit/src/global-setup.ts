import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../../apps/server/src/platform/db/embedded/index.ts'
import { prepareDatabase } from '../../../apps/server/src/roles/prepare-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The owner's URL of the migrated template database, which nobody may connect to while it is copied. */
    templateUrl: string
  }
}

/** One PostgreSQL for the whole test run, with one migrated database that each test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'crucible-test-'))
  const account = process.getuid?.() === 0 ? { uid: 64_998, gid: 64_998 } : null // PostgreSQL refuses root
  if (account !== null) await chown(folder, account.uid, account.gid)
  const postgres = await startEmbedded({
    dataDir: folder,
    account,
    database: 'template_crucible',
    // Nothing of a test run has to survive the machine; what a crash of PostgreSQL alone does is the same.
    settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '300' },
  })
  await prepareDatabase(postgres.ownerUrl)
  project.provide('templateUrl', postgres.ownerUrl)
  return async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
