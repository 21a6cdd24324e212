-- Callbacks whose news are recorded, so that one sent again costs no work.
create table provider_callbacks (
  callback_id text primary key check (length(callback_id) between 1 and 255),
  payment_id uuid not null,
  type text not null,
  received_at timestamptz not null default now()
);
create index provider_callbacks_received on provider_callbacks (received_at);
