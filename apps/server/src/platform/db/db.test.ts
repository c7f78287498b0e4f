import { idOf, uuidOf } from '@crucible/contracts'
import { buildTenant, freshDatabase, type Tenant, type TestDatabase, turnableClock } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemIds } from '../ids/index.ts'
import { type Db, openDb, sql } from './index.ts'

let database: TestDatabase
let db: Db
let alice: Tenant
let bob: Tenant
beforeAll(async () => {
  database = await freshDatabase()
  db = await openDb({ ownerUrl: database.ownerUrl, connectionsMax: 3, waitMs: 1_000, onFault: () => {} })
  const deps = { db, clock: turnableClock() }
  alice = await buildTenant(deps, 'alice')
  bob = await buildTenant(deps, 'bob')
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

const projectRow = (organizationId: string, key: string) => ({
  organization_id: organizationId,
  id: uuidOf(systemIds('prj')),
  key,
  name: key,
  created_at: new Date(),
  updated_at: new Date(),
})

describe('a tenant transaction', () => {
  test('sees the rows of its organization and no others', async () => {
    const seen = await db.tenant(alice.organizationId, (tx) =>
      tx.selectFrom('projects.project').select('organization_id').execute(),
    )
    expect(seen.map(({ organization_id }) => idOf('org', organization_id))).toEqual([alice.organizationId])
    expect(await db.tenant(alice.organizationId, (tx) => tx.selectFrom('identity.user').select('name').execute())).toEqual([
      { name: 'alice' },
    ])
    expect(
      await db.tenant(alice.organizationId, (tx) => tx.selectFrom('identity.organization').select('slug').execute()),
    ).toEqual([{ slug: 'alice' }])
  })

  test('cannot insert a row of another organization', async () => {
    const row = projectRow(uuidOf(bob.organizationId), 'THEIRS')
    const insert = db.tenant(alice.organizationId, (tx) => tx.insertInto('projects.project').values(row).execute())
    await expect(insert).rejects.toThrow(/row-level security/)
  })

  test('cannot move a row into another organization, and changes none of another', async () => {
    const move = db.tenant(alice.organizationId, (tx) =>
      tx
        .updateTable('projects.project')
        .set({ organization_id: uuidOf(bob.organizationId) })
        .execute(),
    )
    await expect(move).rejects.toThrow(/row-level security/)
    const [changed] = await db.tenant(alice.organizationId, (tx) =>
      tx.updateTable('projects.project').set({ name: 'mine now' }).where('id', '=', uuidOf(bob.projectId)).execute(),
    )
    expect(changed?.numUpdatedRows).toBe(0n)
  })

  test('cannot refer to a row of another organization', async () => {
    const insert = db.tenant(alice.organizationId, (tx) =>
      tx
        .insertInto('identity.api_key')
        .values({
          organization_id: uuidOf(alice.organizationId),
          id: uuidOf(systemIds('key')),
          user_id: uuidOf(alice.userId),
          project_id: uuidOf(bob.projectId),
          name: 'stolen',
          prefix: 'crk_',
          last4: 'abcd',
          hash: Buffer.alloc(32, 7),
          created_at: new Date(),
        })
        .execute(),
    )
    await expect(insert).rejects.toThrow(/foreign key/)
  })

  test('leaves nothing behind when its work throws', async () => {
    const work = db.tenant(alice.organizationId, async (tx) => {
      await tx
        .insertInto('projects.project')
        .values(projectRow(uuidOf(alice.organizationId), 'GONE'))
        .execute()
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect(await database.query('select from projects.project where key = $1', ['GONE'])).toHaveLength(0)
  })

  test('does not commit what a swallowed error has spoilt', async () => {
    const work = db.tenant(alice.organizationId, async (tx) => {
      await sql`select 1/0`.execute(tx).catch(() => {})
    })
    await expect(work).rejects.toThrow(/swallowed/)
  })

  test('leaves no organization behind on its connection', async () => {
    await Promise.all(Array.from({ length: 12 }, () => db.tenant(alice.organizationId, (tx) => sql`select 1`.execute(tx))))
    const seen = await Promise.all(
      Array.from({ length: 12 }, () => db.anonymous((tx) => tx.selectFrom('projects.project').select('id').execute())),
    )
    expect(seen.flat()).toEqual([])
  })

  test('runs again after a deadlock, and both sides end', async () => {
    const ids = await db.tenant(alice.organizationId, async (tx) => {
      const rows = [projectRow(uuidOf(alice.organizationId), 'LEFT'), projectRow(uuidOf(alice.organizationId), 'RIGHT')]
      await tx.insertInto('projects.project').values(rows).execute()
      return rows.map(({ id }) => id)
    })
    const both = Promise.withResolvers<void>()
    let arrived = 0
    let tries = 0
    const cross = (order: string[]) =>
      db.tenant(alice.organizationId, async (tx) => {
        tries++
        for (const [step, id] of order.entries()) {
          await tx
            .updateTable('projects.project')
            .set((eb) => ({ version: eb('version', '+', 1) }))
            .where('id', '=', id)
            .execute()
          if (step === 0 && ++arrived === 2) both.resolve()
          if (step === 0) await both.promise
        }
      })
    await Promise.all([cross(ids), cross(ids.toReversed())])
    expect(tries).toBeGreaterThan(2) // one of the two, or on a busy machine each in turn
    const versions = await database.query<{ version: number }>('select version from projects.project where id = any($1)', [ids])
    expect(versions).toEqual([{ version: 3 }, { version: 3 }])
  })
})

test('statements in no organization see no tenant at all', async () => {
  await db.anonymous(async (tx) => {
    for (const table of [
      'projects.project',
      'identity.api_key',
      'identity.membership',
      'identity.organization',
      'identity.user',
      'audit.event',
    ] as const) {
      expect(await tx.selectFrom(table).selectAll().execute(), table).toEqual([])
    }
  })
})

test('a system transaction sees every organization', async () => {
  const slugs = await db.system((tx) => tx.selectFrom('identity.organization').select('slug').orderBy('slug').execute())
  expect(slugs).toEqual([{ slug: 'alice' }, { slug: 'bob' }])
})

test('whoever waits too long for a connection is told to come back', async () => {
  const release = Promise.withResolvers<void>()
  const holders = Array.from({ length: 3 }, () => db.tenant(alice.organizationId, () => release.promise))
  await expect(db.tenant(alice.organizationId, (tx) => sql`select 1`.execute(tx))).rejects.toMatchObject({
    code: 'unavailable',
    details: { retryAfterSeconds: 2 },
  })
  release.resolve()
  await Promise.all(holders)
})

test('a connection that the server ends is a passing unavailability, and the pool goes on', async () => {
  const work = db.tenant(alice.organizationId, async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
    await database.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    await sql`select 1`.execute(tx)
  })
  await expect(work).rejects.toMatchObject({ code: 'unavailable' })
  await db.ping()
})

test('a listener hears what a committed transaction says, and of a connection that was lost', async () => {
  const heard: (string | null)[] = []
  let next = Promise.withResolvers<void>()
  const listening = await db.listen('test_channel', (payload) => {
    heard.push(payload)
    next.resolve()
  })
  const say = (text: string) =>
    db.tenant(alice.organizationId, (tx) => sql`select pg_notify('test_channel', ${text})`.execute(tx))
  await say('one')
  await next.promise
  next = Promise.withResolvers()
  await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crucible listen' and datname = current_database()",
  )
  await next.promise
  next = Promise.withResolvers()
  await say('two')
  await next.promise
  expect(heard).toEqual(['one', null, 'two'])
  await listening.stop()
})
