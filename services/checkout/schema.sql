-- The whole schema of checkout today, as its migrations make it. Written by npm run schemas.

create table checkouts (
  id uuid not null,
  user_id uuid not null,
  payment_id uuid not null,
  cart_version bigint,
  status text not null,
  purchase jsonb not null,
  outcome jsonb,
  owner text not null,
  lease_until timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  presentation text,
  wait_until timestamp with time zone,
  look_at timestamp with time zone,
  looks integer default 0 not null,
  woken_at timestamp with time zone,
  constraint checkouts_pkey PRIMARY KEY (id),
  constraint checkouts_check CHECK (((status = ANY (ARRAY['completed'::text, 'refused'::text])) <= (outcome IS NOT NULL))),
  constraint checkouts_presentation_check CHECK ((presentation = ANY (ARRAY['embedded'::text, 'redirect'::text]))),
  constraint checkouts_status_check CHECK ((status = ANY (ARRAY['running'::text, 'waiting'::text, 'undoing'::text, 'completed'::text, 'refused'::text])))
);

create table idempotency_keys (
  user_id uuid not null,
  key text not null,
  request_hash text not null,
  checkout_id uuid not null,
  created_at timestamp with time zone default now() not null,
  versioned_hash text,
  card_fingerprint text,
  constraint idempotency_keys_pkey PRIMARY KEY (user_id, key),
  constraint idempotency_keys_checkout_id_fkey FOREIGN KEY (checkout_id) REFERENCES checkouts(id) ON DELETE CASCADE
);

create table joined_guests (
  guest_id uuid not null,
  user_id uuid not null,
  joined_at timestamp with time zone default now() not null,
  constraint joined_guests_pkey PRIMARY KEY (guest_id)
);

create table quotes (
  id uuid not null,
  user_id uuid not null,
  fingerprint text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  shipping_method_code text default ''::text not null,
  constraint quotes_pkey PRIMARY KEY (id)
);

CREATE INDEX checkouts_age ON public.checkouts USING btree (created_at);

CREATE UNIQUE INDEX checkouts_cart_version ON public.checkouts USING btree (user_id, cart_version) WHERE ((cart_version IS NOT NULL) AND (status <> 'refused'::text));

CREATE INDEX checkouts_open ON public.checkouts USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'undoing'::text]));

CREATE INDEX checkouts_updated ON public.checkouts USING brin (updated_at) WITH (pages_per_range='16', autosummarize='on');

CREATE INDEX checkouts_waiting ON public.checkouts USING btree (look_at) WHERE (status = 'waiting'::text);

CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);

CREATE INDEX idempotency_keys_checkout ON public.idempotency_keys USING btree (checkout_id);

CREATE INDEX joined_guests_age ON public.joined_guests USING btree (joined_at);

CREATE INDEX joined_guests_user ON public.joined_guests USING btree (user_id);

CREATE INDEX quotes_expiry ON public.quotes USING btree (expires_at);
