-- What a visitor did lately. The visitor is a hash; rows go after a week.
create table session_items (
  session_hash bytea not null,
  product_id uuid not null,
  -- The strongest thing done with the product: view 1, cart 2, purchase 3.
  weight smallint not null check (weight between 1 and 3),
  noticed_at timestamptz not null default now(),
  primary key (session_hash, product_id)
);
create index session_items_age on session_items (noticed_at);

-- How much two products occur together, as of a day; it halves every 30 days, reckoned when it is read or written.
create table product_affinities (
  product_a uuid not null,
  product_b uuid not null,
  strength double precision not null,
  as_of date not null default current_date,
  primary key (product_a, product_b),
  check (product_a < product_b)
);

-- How much a product occurs at all, reckoned in the same way.
create table product_popularity (
  product_id uuid primary key,
  strength double precision not null,
  as_of date not null default current_date
);
