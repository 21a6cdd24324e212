-- A checkout may wait for its buyer, who pays at the payment provider: stock held, order pending, no lease.
alter table checkouts
  -- How the buyer meets the provider; null where a card came with the request.
  add column presentation text check (presentation in ('embedded', 'redirect')),
  -- When the buyer's time is over.
  add column wait_until timestamptz,
  -- When the provider is asked again of itself, and how often it was.
  add column look_at timestamptz,
  add column looks integer not null default 0,
  -- When it last stopped waiting.
  add column woken_at timestamptz;

alter table checkouts drop constraint checkouts_status_check;
alter table checkouts add constraint checkouts_status_check
  check (status in ('running', 'waiting', 'undoing', 'completed', 'refused')) not valid;
alter table checkouts validate constraint checkouts_status_check;

create index checkouts_waiting on checkouts (look_at) where status = 'waiting';
