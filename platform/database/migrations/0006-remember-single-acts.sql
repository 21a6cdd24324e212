-- What a service did at somebody else's that knows no keys: begun at most once, and what came of it.
create table single_acts (
  act text not null,
  key text not null,
  begun_at timestamptz not null default now(),
  ended_at timestamptz,
  outcome jsonb,
  primary key (act, key)
);
