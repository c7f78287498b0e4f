create schema identity;
grant usage on schema identity to crucible_app, crucible_maint, crucible_definer;

create table identity.organization (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'suspended', 'deleting')),
  settings jsonb not null default '{}',
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
-- The tenant itself: the same rule as everywhere, but its key is called id.
alter table identity.organization enable row level security;
alter table identity.organization force row level security;
create policy tenant on identity.organization for all to crucible_app
  using (id = (select tenancy.org())) with check (id = (select tenancy.org()));
grant select, update on identity.organization to crucible_app;
grant select, insert, update on identity.organization to crucible_maint;

-- Global: one person may belong to several organizations.
create table identity."user" (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  email text,
  status text not null default 'active' check (status in ('active', 'suspended', 'deletion_scheduled', 'erased')),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index user_email on identity."user" (lower(email)) where status <> 'erased';

create table identity.membership (
  organization_id uuid not null references identity.organization (id),
  user_id uuid not null references identity."user" (id),
  role text not null check (role in ('ORG_ADMIN', 'PROJECT_MANAGER', 'MEMBER', 'VIEWER')),
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null,
  primary key (organization_id, user_id)
);
create index membership_user on identity.membership (user_id);
select tenancy.protect('identity.membership');

-- An organization sees the people who belong to it and nobody else.
alter table identity."user" enable row level security;
alter table identity."user" force row level security;
create policy members on identity."user" for select to crucible_app
  using (exists (select from identity.membership m where m.organization_id = (select tenancy.org()) and m.user_id = id));
grant select on identity."user" to crucible_app;
grant select, insert, update on identity."user" to crucible_maint;

-- Only the SHA-256 of a key is kept: it holds 190 random bits, so a slow hash would protect nothing and cost every request.
create table identity.api_key (
  organization_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  project_id uuid not null, -- where it submits when the path names no project
  name text not null check (length(name) between 1 and 200),
  prefix text not null,
  last4 text not null,
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, user_id) references identity.membership (organization_id, user_id)
);
create index api_key_user on identity.api_key (organization_id, user_id);
select tenancy.protect('identity.api_key');

-- Reviewed exception to row-level security: a key names its organization before any is known. Tells who holds a key and
-- in which role, and only to who has the key's hash. One statement, because every request begins with it.
create function identity.holder_of_key(key_hash bytea, at timestamptz) returns table (
  organization_id uuid, api_key_id uuid, user_id uuid, project_id uuid, role text, last_used_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select k.organization_id, k.id, k.user_id, k.project_id, m.role, k.last_used_at
    from identity.api_key k
    join identity.organization o on o.id = k.organization_id and o.status = 'active'
    join identity.membership m on m.organization_id = k.organization_id and m.user_id = k.user_id and m.status = 'active'
    join identity.user u on u.id = k.user_id and u.status = 'active'
   where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > at)
$$;
grant select (organization_id, id, hash, user_id, project_id, last_used_at, revoked_at, expires_at) on identity.api_key to crucible_definer;
grant select (id, status) on identity.organization, identity.user to crucible_definer;
grant select (organization_id, user_id, role, status) on identity.membership to crucible_definer;
revoke execute on function identity.holder_of_key(bytea, timestamptz) from public;
grant execute on function identity.holder_of_key(bytea, timestamptz) to crucible_app;
grant create on schema identity to crucible_definer; -- an owner of a function must be able to create it
alter function identity.holder_of_key(bytea, timestamptz) owner to crucible_definer;
revoke create on schema identity from crucible_definer;
