-- What a run must at least be given, fixed when it is submitted: a policy that changes later moves nothing that is queued,
-- and no executor of a weaker engine can claim it. Null engines: any that isolates well enough.
alter table evaluations.evaluation
  add column isolation_least text not null default 'none'
    constraint evaluation_isolation check (isolation_least in ('none', 'process', 'kernel-shared', 'kernel-private')),
  add column engines text[];

-- The settings of a project, as an organization has its own: the isolation that it asks for, and what comes later.
alter table projects.project add column settings jsonb not null default '{}';
