-- The whole schema of platform today, as its migrations make it. Written by npm run schemas.

create table facts (
  name text not null,
  value text not null,
  recorded_at timestamp with time zone default now() not null,
  constraint facts_pkey PRIMARY KEY (name)
);

create table inbox (
  event_id uuid not null,
  source text not null,
  topic text not null,
  applied_at timestamp with time zone default now() not null,
  constraint inbox_pkey PRIMARY KEY (event_id)
);

create table jobs (
  name text not null,
  owner text,
  lease_until timestamp with time zone,
  next_run_at timestamp with time zone default now() not null,
  last_error text,
  constraint jobs_pkey PRIMARY KEY (name)
);

create table kept_answers (
  actor text not null,
  key text not null,
  request_hash text not null,
  effect jsonb,
  answer bytea,
  refusal jsonb,
  busy_until timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint kept_answers_pkey PRIMARY KEY (actor, key)
);

create table outbox (
  sequence bigint generated always as identity not null,
  event_id uuid not null,
  subscriber text not null,
  topic text not null,
  aggregate_id text not null,
  payload jsonb not null,
  occurred_at timestamp with time zone default now() not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  last_error text,
  dead_at timestamp with time zone,
  constraint outbox_pkey PRIMARY KEY (sequence),
  constraint outbox_event_id_subscriber_key UNIQUE (event_id, subscriber)
);

create table outbox_relays (
  subscriber text not null,
  owner text not null,
  lease_until timestamp with time zone not null,
  constraint outbox_relays_pkey PRIMARY KEY (subscriber)
);

CREATE INDEX inbox_applied ON public.inbox USING btree (applied_at);

CREATE INDEX kept_answers_age ON public.kept_answers USING btree (created_at);

CREATE INDEX outbox_dead ON public.outbox USING btree (subscriber) WHERE (dead_at IS NOT NULL);

CREATE INDEX outbox_failed ON public.outbox USING btree (subscriber, aggregate_id, sequence) WHERE ((dead_at IS NULL) AND (attempts > 0));

CREATE INDEX outbox_undelivered ON public.outbox USING btree (subscriber, sequence) WHERE (dead_at IS NULL);
