-- Who did what to what. Rows are added, sealed once into a chain of hashes, and only ever dropped from its beginning.
create table activity (
  sequence bigint generated always as identity primary key,
  occurred_at timestamptz not null default now(),
  actor_kind text not null,
  actor text not null,
  action text not null,
  subject_kind text not null,
  subject text not null,
  -- The person whom it concerns, by id; what is personal of it goes with this person.
  about text,
  before jsonb,
  after jsonb,
  -- Hashes of the values that lie in activity_personal, by name.
  personal jsonb not null default '{}',
  request_id text,
  trace_id text,
  -- Its place in the chain and the hash up to it; null until it is sealed.
  position bigint unique,
  hash bytea,
  check ((position is null) = (hash is null))
);
create index activity_unsealed on activity (sequence) where position is null;
create index activity_time on activity (occurred_at, sequence);
create index activity_actor on activity (actor, occurred_at);
create index activity_subject on activity (subject, occurred_at);
create index activity_action on activity (action, occurred_at);

-- Personal values and the salts of their hashes: gone, nobody can tell what they were, and the chain still holds.
create table activity_personal (
  sequence bigint not null references activity,
  name text not null,
  person text,
  salt bytea not null,
  value text not null,
  primary key (sequence, name)
);
create index activity_personal_person on activity_personal (person);

-- Both ends of the chain: what was dropped before its first row, and its newest hash.
create table activity_chain (
  is_only boolean primary key default true check (is_only),
  first_position bigint not null,
  anchor bytea not null,
  position bigint not null,
  hash bytea not null
);
insert into activity_chain (first_position, anchor, position, hash) values (1, '', 0, '');

create function keep_activity() returns trigger language plpgsql as $$
declare unsealed activity;
begin
  if tg_op = 'UPDATE' then
    unsealed := new;
    unsealed.position := null;
    unsealed.hash := null;
    if old.position is null and new.position is not null and unsealed is not distinct from old then return new; end if;
  elsif tg_op = 'DELETE' and old.position is not null and current_setting('stoa.activity', true) = 'trim' then
    return old;
  end if;
  raise exception 'activity is append-only: what was done stays as it was.';
end $$;
create trigger activity_append_only before update or delete on activity for each row execute function keep_activity();
create trigger activity_no_truncate before truncate on activity execute function keep_activity();

create function keep_activity_personal() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('stoa.activity', true) in ('trim', 'erase') then return old; end if;
  raise exception 'activity_personal is append-only: a person is erased with erase_activity_of(person).';
end $$;
create trigger activity_personal_append_only before update or delete on activity_personal
  for each row execute function keep_activity_personal();
create trigger activity_personal_no_truncate before truncate on activity_personal execute function keep_activity_personal();

-- Takes what is personal of somebody out of the log and says how many values there were.
create function erase_activity_of(erased text) returns bigint language plpgsql as $$
declare
  was text := coalesce(current_setting('stoa.activity', true), '');
  gone bigint;
begin
  perform set_config('stoa.activity', 'erase', true);
  delete from activity_personal where person = erased;
  get diagnostics gone = row_count;
  perform set_config('stoa.activity', was, true);
  return gone;
end $$;
