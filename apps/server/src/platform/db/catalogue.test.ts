/** What must hold for every table, the ones to come included: asked of the database's own catalogue. */
import { freshDatabase, type TestDatabase } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let database: TestDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

const ours = "n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'bullmq', 'migrations')"
const tenantTables = `
  select c.oid, n.nspname || '.' || c.relname as name, c.relrowsecurity, c.relforcerowsecurity, c.relowner
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
   where c.relkind in ('r', 'p') and not c.relispartition and ${ours}`

test('there are tenant tables to speak of', async () => {
  expect((await database.query(tenantTables)).length).toBeGreaterThanOrEqual(5)
})

test('every tenant table has row-level security, forced on its owner too', async () => {
  expect(await database.query(`select name from (${tenantTables}) t where not (relrowsecurity and relforcerowsecurity)`)).toEqual(
    [],
  )
})

test('every tenant table has the tenant policy for the application, and no other', async () => {
  const odd = await database.query(`
    select t.name, p.polname, pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as checking
      from (${tenantTables}) t left join pg_policy p on p.polrelid = t.oid
     where p.polname is distinct from 'tenant'
        or pg_get_expr(p.polqual, p.polrelid) <> '(organization_id = ( SELECT tenancy.org() AS org))'
        or pg_get_expr(p.polwithcheck, p.polrelid) <> '(organization_id = ( SELECT tenancy.org() AS org))'
        or p.polroles <> array['crucible_app'::regrole::oid] or p.polcmd <> '*'`)
  expect(odd).toEqual([])
})

test('every tenant table has organization_id, not null, first in its primary key', async () => {
  const odd = await database.query(`
    select t.name from (${tenantTables}) t
     where not exists (
       select from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
        where k.conrelid = t.oid and k.contype = 'p' and a.attname = 'organization_id' and a.attnotnull)`)
  expect(odd).toEqual([])
})

test('every foreign key from a tenant table to a tenant table carries organization_id on both sides', async () => {
  const odd = await database.query(`
    with tenant as (${tenantTables}),
    key as (
      select k.conname, k.conrelid::regclass::text as name, s.attname as source, f.attname as target
        from pg_constraint k
        join tenant here on here.oid = k.conrelid join tenant there on there.oid = k.confrelid
        cross join lateral unnest(k.conkey, k.confkey) as pair(source, target)
        join pg_attribute s on s.attrelid = k.conrelid and s.attnum = pair.source
        join pg_attribute f on f.attrelid = k.confrelid and f.attnum = pair.target
       where k.contype = 'f')
    select name, conname from key group by name, conname
    having not bool_or(source = 'organization_id' and target = 'organization_id')`)
  expect(odd).toEqual([])
})

test('the application reaches no table of ours without row-level security, the reviewed ones aside', async () => {
  const open = await database.query<{ name: string }>(`
    select n.nspname || '.' || c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm') and ${ours} and not c.relrowsecurity
       and has_table_privilege('crucible_app', c.oid, 'select, insert, update, delete')
     order by name`)
  // What executors report: their names, runtimes and load; no tenant's.
  expect(open.map(({ name }) => name)).toEqual(['evaluations.executor'])
})

test('functions that look past row-level security are the reviewed ones, belong to nobody who can log in, and pin their search path', async () => {
  const found = await database.query<{ name: string; owner: string; is_pinned: boolean; is_public: boolean }>(`
    select n.nspname || '.' || p.proname as name, p.proowner::regrole::text as owner,
           coalesce(p.proconfig::text like '%search_path=pg_catalog, pg_temp%', false) as is_pinned,
           has_function_privilege('public', p.oid, 'execute') as is_public
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prosecdef and ${ours} order by name`)
  const reviewed = { owner: 'crucible_definer', is_pinned: true, is_public: false }
  expect(found).toEqual([
    { name: 'audit.append', ...reviewed },
    { name: 'identity.holder_of_key', ...reviewed },
  ])
})

test('the login roles can do what they need and no more', async () => {
  const roles = await database.query(`
    select rolname, rolcanlogin, rolbypassrls, rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname like 'crucible\\_%' and rolname <> 'crucible_owner' order by rolname`)
  const plain = { rolsuper: false, rolcreaterole: false, rolcreatedb: false }
  expect(roles).toEqual([
    { rolname: 'crucible_app', rolcanlogin: true, rolbypassrls: false, ...plain },
    { rolname: 'crucible_definer', rolcanlogin: false, rolbypassrls: true, ...plain },
    { rolname: 'crucible_maint', rolcanlogin: true, rolbypassrls: true, ...plain },
  ])
})
