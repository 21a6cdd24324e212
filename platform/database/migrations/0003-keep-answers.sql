-- What was asked under an idempotency key, what came of it, and the answer that every repeat gets.
create table kept_answers (
  actor text not null,
  key text not null,
  request_hash text not null,
  -- What the effect left behind, written in its transaction; null for a request that was refused.
  effect jsonb,
  answer bytea,
  refusal jsonb,
  -- Until then somebody is at work on the answer.
  busy_until timestamptz,
  created_at timestamptz not null default now(),
  primary key (actor, key)
);
-- For forgetting.
create index kept_answers_age on kept_answers (created_at);
