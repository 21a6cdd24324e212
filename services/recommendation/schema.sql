-- The whole schema of recommendation today, as its migrations make it. Written by npm run schemas.

create table product_affinities (
  product_a uuid not null,
  product_b uuid not null,
  strength double precision not null,
  as_of date default CURRENT_DATE not null,
  constraint product_affinities_pkey PRIMARY KEY (product_a, product_b),
  constraint product_affinities_check CHECK ((product_a < product_b))
);

create table product_popularity (
  product_id uuid not null,
  strength double precision not null,
  as_of date default CURRENT_DATE not null,
  constraint product_popularity_pkey PRIMARY KEY (product_id)
);

create table session_items (
  session_hash bytea not null,
  product_id uuid not null,
  weight smallint not null,
  noticed_at timestamp with time zone default now() not null,
  constraint session_items_pkey PRIMARY KEY (session_hash, product_id),
  constraint session_items_weight_check CHECK (((weight >= 1) AND (weight <= 3)))
);

CREATE INDEX session_items_age ON public.session_items USING btree (noticed_at);
