create schema projects;
grant usage on schema projects to crucible_app, crucible_maint;

create table projects.project (
  organization_id uuid not null references identity.organization (id),
  id uuid not null,
  key text not null check (key ~ '^[A-Z][A-Z0-9]{1,9}$'),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'archived')),
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id),
  unique (organization_id, key)
);
create unique index project_name_live on projects.project (organization_id, lower(name)) where deleted_at is null;
select tenancy.protect('projects.project');

-- Composite: a plain foreign key is checked past row-level security and would take another organization's project.
alter table identity.api_key
  add foreign key (organization_id, project_id) references projects.project (organization_id, id);
