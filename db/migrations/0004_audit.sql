-- What was done, by whom, in a chain: each row's hash covers the one before it, per organization and retention class
-- (classes expire apart). Nobody updates or deletes; rows come in through audit.append alone.
create schema audit;
grant usage on schema audit to crucible_app, crucible_maint, crucible_definer;

create table audit.event (
  organization_id uuid not null references identity.organization (id),
  class text not null check (class in ('security', 'change', 'admin', 'privacy', 'denied')),
  seq bigint not null check (seq > 0),
  id uuid not null,
  occurred_at timestamptz not null,
  body jsonb not null,
  prev_hash bytea not null check (length(prev_hash) = 32),
  hash bytea not null check (length(hash) = 32),
  primary key (organization_id, class, seq),
  unique (organization_id, id)
);
select tenancy.protect('audit.event');
revoke insert, update, delete on audit.event from crucible_app, crucible_maint;

create table audit.head (
  organization_id uuid not null references identity.organization (id),
  class text not null,
  seq bigint not null,
  hash bytea not null,
  primary key (organization_id, class)
);
select tenancy.protect('audit.head');
revoke insert, update, delete on audit.head from crucible_app, crucible_maint;

create function audit.refuse() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  raise exception 'the audit trail is append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger event_append_only before update or delete or truncate on audit.event
  for each statement execute function audit.refuse();

-- One link of the chain. UTC and microseconds, so that no session setting changes what is hashed.
create function audit.link(prev bytea, seq bigint, id uuid, occurred_at timestamptz, body jsonb) returns bytea
  language sql immutable set search_path = pg_catalog set timezone = 'UTC' as $$
  select sha256(prev || convert_to(seq::text || '|' || id::text || '|' || (extract(epoch from occurred_at) * 1000000)::bigint::text || '|' || body::text, 'UTF8'))
$$;

-- Appends to the chain of `organization`: its own of a tenant transaction, any of a maintenance login. It locks the head
-- of the chain, so it is the last statement before the commit; earlier, and every change of the organization queues behind it.
create function audit.append(organization uuid, class text, id uuid, occurred_at timestamptz, body jsonb) returns bigint
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  head audit.head;
  linked bytea;
begin
  if organization is distinct from tenancy.org() and session_user <> 'crucible_maint' then
    raise exception 'not the organization of this transaction' using errcode = 'insufficient_privilege';
  end if;
  insert into audit.head as h values (organization, append.class, 0, decode(repeat('00', 32), 'hex')) on conflict do nothing;
  select * into head from audit.head h where h.organization_id = organization and h.class = append.class for update;
  linked := audit.link(head.hash, head.seq + 1, append.id, append.occurred_at, append.body);
  insert into audit.event values (organization, append.class, head.seq + 1, append.id, append.occurred_at, append.body, head.hash, linked);
  update audit.head h set seq = head.seq + 1, hash = linked where h.organization_id = organization and h.class = append.class;
  return head.seq + 1;
end $$;
grant select, insert, update on audit.head to crucible_definer;
grant select, insert on audit.event to crucible_definer;
revoke execute on function audit.append(uuid, text, uuid, timestamptz, jsonb) from public;
grant execute on function audit.append(uuid, text, uuid, timestamptz, jsonb) to crucible_app, crucible_maint;
grant create on schema audit to crucible_definer;
alter function audit.append(uuid, text, uuid, timestamptz, jsonb) owner to crucible_definer;
revoke create on schema audit from crucible_definer;
