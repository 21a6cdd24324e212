-- What a buyer was shown, so that nothing else can be charged.
create table quotes (
  id uuid primary key,
  user_id uuid not null,
  -- Hash of everything the buyer saw.
  fingerprint text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index quotes_expiry on quotes (expires_at);

-- One row for each attempt to buy: the intent before anything happens, the outcome after. Its id is also the id of the
-- order and of the stock reservation.
create table checkouts (
  id uuid primary key,
  user_id uuid not null,
  payment_id uuid not null,
  -- Null when the attempt names its items instead of buying the cart.
  cart_version bigint,
  status text not null check (status in ('running', 'undoing', 'completed', 'refused')),
  -- Everything the steps need, frozen: lines, amounts, address, email. Never the card.
  purchase jsonb not null,
  -- The order as it was answered, or the refusal.
  outcome jsonb,
  owner text not null,
  lease_until timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((status in ('completed', 'refused')) <= (outcome is not null))
);
-- A cart version is bought at most once, whatever keys, tabs or reloads there are.
create unique index checkouts_cart_version on checkouts (user_id, cart_version)
  where cart_version is not null and status <> 'refused';
create index checkouts_open on checkouts (lease_until) where status in ('running', 'undoing');
create index checkouts_age on checkouts (created_at);

-- A caller's promise that two requests are one.
create table idempotency_keys (
  user_id uuid not null,
  key text not null,
  request_hash text not null,
  checkout_id uuid not null references checkouts (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);
create index idempotency_keys_checkout on idempotency_keys (checkout_id);
create index idempotency_keys_age on idempotency_keys (created_at);
