-- Each set of rates that was ever in force; orders name theirs. The one confirmed last is in force.
create table rate_snapshots (
  id text primary key check (length(id) between 1 and 64),
  provider text not null check (provider in ('ecb')),
  published_on date not null,
  -- Decimal strings by currency code, in the provider's order; json, because jsonb would lose that order.
  units_per_euro json not null,
  -- When the provider was last heard to offer these rates as its newest.
  confirmed_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index rate_snapshots_newest on rate_snapshots (provider, confirmed_at desc);
