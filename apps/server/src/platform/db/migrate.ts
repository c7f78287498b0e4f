import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { ensureRoles } from './roles.ts'

/** Where db/migrations lies, seen from here. */
export const migrationsFolder = join(import.meta.dirname, '../../../../../db/migrations')

type Migration = { readonly name: string; readonly sql: string; readonly hash: string }

const lockKey = 7_283_651_149 // any number, as long as nobody else in this database takes it

/**
 * Brings the database to the newest schema: roles, then each missing `NNNN_name.sql` in its own transaction.
 * Two that start at once take turns. An applied file that was changed, or one that is unknown here, stops it.
 * Returns the names it applied.
 */
export async function migrate(ownerUrl: string, folder = migrationsFolder): Promise<string[]> {
  const owner = new Client({ connectionString: ownerUrl, application_name: 'crucible migrate', statement_timeout: 0 })
  await owner.connect()
  try {
    await owner.query('select pg_advisory_lock($1)', [lockKey]) // freed with the connection
    await ensureRoles(owner, ownerUrl)
    await owner.query(`
      create schema if not exists migrations;
      create table if not exists migrations.applied (
        name text primary key, hash text not null, applied_at timestamptz not null default now())`)
    const missing = await missingMigrations(owner, await readMigrations(folder))
    for (const migration of missing) await apply(owner, migration)
    return missing.map(({ name }) => name)
  } finally {
    await owner.end()
  }
}

/** What `migrate` would apply; asked by roles that do not migrate before they start on a database that is not theirs. */
export async function pendingMigrations(ownerUrl: string, folder = migrationsFolder): Promise<string[]> {
  const owner = new Client({ connectionString: ownerUrl, application_name: 'crucible migrate' })
  await owner.connect()
  try {
    const { rowCount } = await owner.query("select from pg_tables where schemaname = 'migrations' and tablename = 'applied'")
    const all = await readMigrations(folder)
    return (rowCount === 0 ? all : await missingMigrations(owner, all)).map(({ name }) => name)
  } finally {
    await owner.end()
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const odd = names.find(
    (name, index) => !/^\d{4}_[a-z0-9_]+\.sql$/.test(name) || name.slice(0, 4) === names[index - 1]?.slice(0, 4),
  )
  if (odd !== undefined) throw new Error(`migrations are named NNNN_name.sql with a number of their own: ${odd}`)
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8')
      return { name, sql, hash: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function missingMigrations(owner: Client, all: Migration[]): Promise<Migration[]> {
  const { rows } = await owner.query<{ name: string; hash: string }>(
    'select name, hash from migrations.applied order by name limit 10000',
  )
  for (const { name, hash } of rows) {
    const here = all.find((migration) => migration.name === name)
    if (here === undefined) throw new Error(`the database is newer than this program: it has ${name}`)
    if (here.hash !== hash) throw new Error(`${name} was changed after it had been applied; add a new migration instead`)
  }
  const applied = new Set(rows.map(({ name }) => name))
  return all.filter(({ name }) => !applied.has(name))
}

async function apply(owner: Client, { name, sql, hash }: Migration): Promise<void> {
  await owner.query('begin')
  try {
    await owner.query(sql)
    await owner.query('insert into migrations.applied (name, hash) values ($1, $2)', [name, hash])
    await owner.query('commit')
  } catch (cause) {
    await owner.query('rollback')
    throw new Error(`${name} could not be applied: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
