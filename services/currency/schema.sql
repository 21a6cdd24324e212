-- The whole schema of currency today, as its migrations make it. Written by npm run schemas.

create table rate_snapshots (
  id text not null,
  provider text not null,
  published_on date not null,
  units_per_euro json not null,
  confirmed_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint rate_snapshots_pkey PRIMARY KEY (id),
  constraint rate_snapshots_id_check CHECK (((length(id) >= 1) AND (length(id) <= 64))),
  constraint rate_snapshots_provider_check CHECK (((length(provider) >= 1) AND (length(provider) <= 40)))
);

CREATE INDEX rate_snapshots_newest ON public.rate_snapshots USING btree (provider, confirmed_at DESC);
