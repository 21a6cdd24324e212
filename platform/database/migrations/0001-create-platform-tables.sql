-- One row for each event and subscriber; gone once it is delivered.
create table outbox (
  sequence bigint generated always as identity primary key,
  event_id uuid not null,
  subscriber text not null,
  topic text not null,
  aggregate_id text not null,
  payload jsonb not null,
  occurred_at timestamptz not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  -- Set when it was given up; later events of the aggregate go on.
  dead_at timestamptz,
  unique (event_id, subscriber)
);
create index outbox_undelivered on outbox (subscriber, sequence) where dead_at is null;

-- Which process relays to a subscriber right now.
create table outbox_relays (
  subscriber text primary key,
  owner text not null,
  lease_until timestamptz not null
);

-- Events that were applied, so that each is applied once.
create table inbox (
  event_id uuid primary key,
  source text not null,
  topic text not null,
  applied_at timestamptz not null default now()
);

-- Background work that one process at a time may do.
create table jobs (
  name text primary key,
  owner text,
  lease_until timestamptz,
  next_run_at timestamptz not null default now(),
  last_error text
);
