import { uuidOf } from '@crucible/contracts'
import { buildTenant, freshDatabase, type Tenant, type TestDatabase, turnableClock } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Db, openDb, sql } from '../../platform/db/index.ts'
import { type AuditEntry, record, verify } from './index.ts'

let database: TestDatabase
let db: Db
let alice: Tenant
let bob: Tenant
beforeAll(async () => {
  database = await freshDatabase()
  db = await openDb({ ownerUrl: database.ownerUrl, connectionsMax: 8, onFault: () => {} })
  const deps = { db, clock: turnableClock() }
  alice = await buildTenant(deps, 'alice')
  bob = await buildTenant(deps, 'bob')
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

const entry = (tenant: Tenant): AuditEntry => ({
  action: 'project.updated',
  target: tenant.projectId,
  changes: { name: 'ü "quoted" \u0001' },
})
const write = (tenant: Tenant, of = tenant) => db.tenant(tenant.organizationId, (tx) => record(tx, of, entry(of)))
const check = (tenant: Tenant) => db.tenant(tenant.organizationId, (tx) => verify(tx, 'change'))

test('writers at once make one chain without gap or fork', async () => {
  const before = await check(alice)
  await Promise.all(Array.from({ length: 20 }, () => write(alice)))
  expect(await check(alice)).toEqual({ isIntact: true, rows: before.rows + 20, brokenAt: null })
})

test('what was rolled back leaves no row', async () => {
  const before = await check(alice)
  const work = db.tenant(alice.organizationId, async (tx) => {
    await record(tx, alice, entry(alice))
    throw new Error('no')
  })
  await expect(work).rejects.toThrow('no')
  expect(await check(alice)).toEqual(before)
})

test('nobody writes into another organization’s chain', async () => {
  await expect(write(alice, bob)).rejects.toThrow(/not the organization of this transaction/)
})

test('neither the application nor maintenance nor the owner can change or remove a row', async () => {
  for (const statement of ['update audit.event set class = class', 'delete from audit.event', 'truncate audit.event']) {
    await expect(
      db.tenant(alice.organizationId, (tx) => sql.raw(statement).execute(tx)),
      statement,
    ).rejects.toThrow(/permission denied/)
    await expect(
      db.system((tx) => sql.raw(statement).execute(tx)),
      statement,
    ).rejects.toThrow(/permission denied/)
    await expect(database.query(statement), statement).rejects.toThrow(/append-only/)
  }
  await expect(db.tenant(alice.organizationId, (tx) => sql`update audit.head set seq = 0`.execute(tx))).rejects.toThrow(
    /permission denied/,
  )
})

test.each([
  [
    'an edited row',
    (id: string) =>
      `update audit.event set body = jsonb_set(body, '{action}', '"nothing.happened"') where seq = 3 and organization_id = '${id}' and class = 'change'`,
    3,
  ],
  [
    'a removed row',
    (id: string) => `delete from audit.event where seq = 3 and organization_id = '${id}' and class = 'change'`,
    4,
  ],
  [
    'a chain cut short',
    (id: string) => `delete from audit.event where seq > 3 and organization_id = '${id}' and class = 'change'`,
    6,
  ],
])('%s by a superuser is found', async (name, tamper, brokenAt) => {
  const slug = name.replaceAll(' ', '-')
  const victim = await buildTenant({ db, clock: turnableClock() }, slug)
  for (let n = 0; n < 5; n++) await write(victim)
  expect(await check(victim)).toEqual({ isIntact: true, rows: 6, brokenAt: null })
  await database.query('set session_replication_role = replica') // past the trigger, as only a superuser can
  await database.query(tamper(uuidOf(victim.organizationId)))
  await database.query('set session_replication_role = default')
  expect(await check(victim)).toEqual({ isIntact: false, rows: 6, brokenAt })
  expect((await check(bob)).isIntact).toBe(true)
})
