-- Evaluations: what was asked, where the platform is with it, what the program earned, and every step in between.
-- The row of `evaluation` is the only opinion about a status; each move is one guarded update of it.
create schema evaluations;
grant usage on schema evaluations to crucible_app, crucible_maint;

-- What to run, once per organization and content. Bytes and not jsonb: a program may hold NUL characters, which
-- jsonb refuses. Never across organizations: that two have sent the same file is nobody's to learn.
create table evaluations.source (
  organization_id uuid not null references identity.organization (id),
  sha256 bytea not null check (octet_length(sha256) = 32),
  bundle bytea not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, sha256)
);
select tenancy.protect('evaluations.source');

create table evaluations.batch (
  organization_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  submitted_by uuid not null,
  name text not null,
  total integer not null check (total >= 0),
  created_at timestamptz not null default now(),
  primary key (organization_id, id),
  foreign key (organization_id, project_id) references projects.project (organization_id, id)
);
create index batch_of_project on evaluations.batch (organization_id, project_id, id);
select tenancy.protect('evaluations.batch');

-- `attempt` is the fencing token: it grows with every claim and is never used twice. `faults` counts the attempts
-- that the platform lost; only they are held against `attempts_max`, so that a lack of capacity fails nobody.
create table evaluations.evaluation (
  organization_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  batch_id uuid,
  batch_ordinal integer,
  submitted_by uuid not null,
  status text not null,
  verdict text,
  score double precision,
  language text not null,
  runtime text not null,
  priority text not null,
  limits jsonb not null,
  source_sha256 bytea not null,
  tests_total integer not null default 0,
  tests_passed integer,
  is_isolated boolean,
  attempt integer not null default 0,
  faults integer not null default 0,
  attempts_max integer not null check (attempts_max > 0),
  lease_until timestamptz,
  event_seq bigint not null default 0,
  stdout_bytes bigint not null default 0, -- stored, of the current attempt
  stderr_bytes bigint not null default 0,
  created_at timestamptz not null default now(),
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  result jsonb,
  compile jsonb,
  test_results jsonb,
  environment jsonb,
  failure jsonb,
  primary key (organization_id, id),
  foreign key (organization_id, project_id) references projects.project (organization_id, id),
  foreign key (organization_id, batch_id) references evaluations.batch (organization_id, id),
  foreign key (organization_id, source_sha256) references evaluations.source (organization_id, sha256),
  constraint evaluation_status check (
    status in ('submitted', 'queued', 'provisioning', 'running', 'completed', 'failed', 'cancelled')
  ),
  constraint evaluation_verdict check (
    verdict in (
      'accepted', 'wrong_answer', 'partial', 'compile_error', 'runtime_error', 'time_limit', 'memory_limit',
      'output_limit', 'security_violation'
    )
  ),
  constraint evaluation_priority check (priority in ('low', 'normal', 'high')),
  constraint a_verdict_exactly_when_completed check ((verdict is not null) = (status = 'completed')),
  constraint a_cause_exactly_when_failed check ((failure is not null) = (status = 'failed')),
  constraint an_end_exactly_when_terminal check ((finished_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  constraint a_lease_exactly_when_claimed check ((lease_until is not null) = (status in ('provisioning', 'running'))),
  constraint an_ordinal_exactly_in_a_batch check ((batch_id is null) = (batch_ordinal is null))
) with (fillfactor = 70); -- room on the page, so that renewing a lease or a sequence number touches no index
create index evaluation_of_project on evaluations.evaluation (organization_id, project_id, id);
create unique index evaluation_of_batch on evaluations.evaluation (organization_id, batch_id, batch_ordinal)
  where batch_id is not null;
create index evaluation_live on evaluations.evaluation (status, organization_id, priority)
  where status in ('submitted', 'queued', 'provisioning', 'running');
create index evaluation_leased on evaluations.evaluation (lease_until) where lease_until is not null;
select tenancy.protect('evaluations.evaluation');

-- The caller's own notes, kept apart: they cannot reach a field of ours. `json`, not jsonb: stored as it was sent.
create table evaluations.metadata (
  organization_id uuid not null,
  evaluation_id uuid not null,
  body json not null,
  primary key (organization_id, evaluation_id),
  foreign key (organization_id, evaluation_id) references evaluations.evaluation (organization_id, id) on delete cascade
);
select tenancy.protect('evaluations.metadata');

create table evaluations.attempt (
  organization_id uuid not null,
  evaluation_id uuid not null,
  number integer not null check (number > 0),
  id uuid not null,
  executor text,
  engine text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  "end" text,
  detail text,
  primary key (organization_id, evaluation_id, number),
  foreign key (organization_id, evaluation_id) references evaluations.evaluation (organization_id, id) on delete cascade,
  constraint attempt_end check (
    "end" in ('completed', 'cancelled', 'executor_lost', 'executor_busy', 'engine_fault', 'lease_expired', 'handed_back')
  ),
  constraint an_end_has_a_time check (("end" is null) = (ended_at is null))
);
select tenancy.protect('evaluations.attempt');

-- One append-only log per evaluation, without gaps in `seq`: the replay of a stream, and the bytes of the output.
-- `stream_offset` and `both_offset` count stored bytes from the start of the attempt.
create table evaluations.event (
  organization_id uuid not null,
  evaluation_id uuid not null,
  seq bigint not null check (seq > 0),
  kind text not null check (kind in ('status', 'run_started', 'output', 'run_finished', 'reset', 'finished')),
  attempt integer not null,
  at timestamptz not null default now(),
  status text,
  run text,
  stream text check (stream in ('stdout', 'stderr')),
  data bytea,
  stream_offset bigint,
  both_offset bigint,
  body jsonb,
  primary key (organization_id, evaluation_id, seq),
  foreign key (organization_id, evaluation_id) references evaluations.evaluation (organization_id, id) on delete cascade,
  constraint output_is_whole check (
    (kind = 'output') = (stream is not null and data is not null and stream_offset is not null and both_offset is not null)
  )
);
alter table evaluations.event alter column data set storage external; -- no compression: read by range, written hot
select tenancy.protect('evaluations.event');

-- Per principal, so that one user cannot learn by a clash which keys another has used.
create table evaluations.idempotency_key (
  organization_id uuid not null,
  principal_id uuid not null,
  key text not null check (octet_length(key) between 1 and 255),
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  subject_id uuid not null, -- the evaluation or batch that the first request made
  created_at timestamptz not null default now(),
  primary key (organization_id, principal_id, key)
);
create index idempotency_key_age on evaluations.idempotency_key (created_at);
select tenancy.protect('evaluations.idempotency_key');

-- What the executors last said of themselves, so that the gateway knows the runtimes without knowing an executor,
-- and a restarting executor does not turn submissions away. Of the platform, not of an organization.
create table evaluations.executor (
  name text primary key,
  report jsonb not null,
  seen_at timestamptz not null default now()
);
grant select on evaluations.executor to crucible_app;
grant select, insert, update, delete on evaluations.executor to crucible_maint;
