-- One row for each actor who ever had a cart. It outlives its lines, so that its version never comes back.
create table carts (
  user_id uuid primary key,
  -- Begins with the time in milliseconds: a row that is made anew after years goes on above the old one.
  version bigint not null,
  -- When its lines go; null when they have gone.
  expires_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index carts_by_expiry on carts (expires_at) where expires_at is not null;
create index carts_swept on carts (updated_at) where expires_at is null;

create table cart (
  id uuid primary key,
  user_id uuid not null references carts (user_id) on delete cascade,
  product_id uuid not null,
  variant_id uuid not null,
  quantity integer not null check (quantity between 1 and 99),
  -- Lines are shown in the order in which they were put in.
  position bigint generated always as identity,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (user_id, variant_id)
);

-- Orders whose items were taken out of a cart, so that it happens once.
create table cart_consumptions (
  order_id uuid primary key,
  user_id uuid not null,
  consumed_at timestamptz not null
);
create index cart_consumptions_by_time on cart_consumptions (consumed_at);
