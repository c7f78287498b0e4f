-- The kernel of tenancy: every tenant table is protected by the same policy, and forgetting to say whose rows one
-- wants gives none. The login roles exist already: the migrate step makes them before the first migration.
create schema tenancy;
grant usage on schema tenancy to crucible_app, crucible_maint, crucible_definer;

-- The organization of this transaction, or null. `language sql stable` so that the planner evaluates it once a query:
-- as volatile plpgsql it is called for every row (measured: 130 times slower).
create function tenancy.org() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.org_id', true), '')::uuid;

-- Puts a table under the tenant policy, for its owner too, and lets the application use it. Call it right after
-- `create table`; the catalogue test fails for a table with organization_id that was not given to it.
create function tenancy.protect(target regclass) returns void language plpgsql set search_path = pg_catalog as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy tenant on %s for all to crucible_app using (organization_id = (select tenancy.org())) with check (organization_id = (select tenancy.org()))',
    target);
  execute format('grant select, insert, update, delete on %s to crucible_app, crucible_maint', target);
end $$;
revoke execute on function tenancy.protect(regclass) from public;
