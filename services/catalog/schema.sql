-- The whole schema of catalog today, as its migrations make it. Written by npm run schemas.

create extension pg_trgm;

CREATE OR REPLACE FUNCTION public.commit_reservation(reservation text, actor text, OUT outcome text, OUT shortage jsonb)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
begin
  select status into outcome from stock_reservations where id = reservation for update;
  if outcome is null then outcome := 'absent'; end if;
  if outcome in ('absent', 'committed', 'released') then return; end if;
  perform lock_reserved_stock(reservation);
  perform tell_stock_reason('sale', actor, reservation);
  if outcome = 'held' then
    update stock set on_hand = on_hand - line.quantity, reserved = reserved - line.quantity
    from stock_reservation_lines as line where line.reservation_id = reservation and line.variant_id = stock.variant_id;
  else
    select stock_shortage(array_agg(variant_id), array_agg(quantity)) into shortage
    from stock_reservation_lines where reservation_id = reservation;
    if shortage is not null then
      outcome := 'insufficient';
      return;
    end if;
    update stock set on_hand = on_hand - line.quantity
    from stock_reservation_lines as line where line.reservation_id = reservation and line.variant_id = stock.variant_id;
  end if;
  update stock_reservations set status = 'committed', ended_at = now() where id = reservation;
  outcome := 'committed';
end $function$;

CREATE OR REPLACE FUNCTION public.expire_reservations(most integer)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
declare
  ending text[];
begin
  select array_agg(id) into ending from (
    select id from stock_reservations where status = 'held' and expires_at <= now()
    order by expires_at limit most for update skip locked
  ) as due;
  if ending is null then return 0; end if;
  perform 1 from stock
  where variant_id in (select variant_id from stock_reservation_lines where reservation_id = any (ending))
  order by variant_id for update;
  update stock set reserved = reserved - line.quantity
  from (select variant_id, sum(quantity) as quantity from stock_reservation_lines
        where reservation_id = any (ending) group by variant_id) as line
  where line.variant_id = stock.variant_id;
  update stock_reservations set status = 'expired', ended_at = now() where id = any (ending);
  return cardinality(ending);
end $function$;

CREATE OR REPLACE FUNCTION public.folded(words text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$ select lower(regexp_replace(normalize(words, NFD), '[\u0300-\u036F]', '', 'g')) $function$;

CREATE OR REPLACE FUNCTION public.keep_variant()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' then
    if old.deleted_at is not null then
      raise exception 'Variant % was retired and stays what it was.', old.id using errcode = 'restrict_violation';
    end if;
    if new.id <> old.id or new.product_id <> old.product_id or (new.sku <> old.sku and new.options <> old.options) then
      raise exception 'Variant % cannot become another one.', old.id using errcode = 'restrict_violation';
    end if;
  end if;
  new.seal := seal_of_variant(new.sku, new.options);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.learn_search_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into search_words (word)
  select distinct word collate "C" as learned from written, unnest(tsvector_to_array(search)) as word
  where word ~ '^[[:alpha:]]{3,24}$'
  order by learned
  on conflict (word) do update set unused_at = null where search_words.unused_at is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.letters_missing(word text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$ select array_agg(overlay(word placing '' from place for 1)) || word from generate_series(1, length(word)) as place $function$;

CREATE OR REPLACE FUNCTION public.lock_reserved_stock(reservation text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform 1 from stock where variant_id in (select variant_id from stock_reservation_lines where reservation_id = reservation)
  order by variant_id for update;
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'Rows of % are never changed or deleted.', tg_table_name using errcode = 'restrict_violation';
end $function$;

CREATE OR REPLACE FUNCTION public.release_reservation(reservation text, why text, actor text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  past text;
begin
  insert into stock_reservations (id, status, expires_at, reason, ended_at) values (reservation, 'released', now(), why, now())
  on conflict (id) do nothing;
  if found then return; end if;
  select status into past from stock_reservations where id = reservation for update;
  if past = 'released' then return; end if;
  if past <> 'expired' then
    perform lock_reserved_stock(reservation);
    perform tell_stock_reason('return', actor, reservation);
    update stock
    set on_hand = on_hand + case when past = 'committed' then line.quantity else 0 end,
        reserved = reserved - case when past = 'held' then line.quantity else 0 end
    from stock_reservation_lines as line where line.reservation_id = reservation and line.variant_id = stock.variant_id;
  end if;
  update stock_reservations set status = 'released', reason = why, ended_at = now() where id = reservation;
end $function$;

CREATE OR REPLACE FUNCTION public.reserve_stock(reservation text, variants uuid[], quantities bigint[], seconds integer, OUT outcome text, OUT expires_at timestamp with time zone, OUT shortage jsonb)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
begin
  -- A look without locks: repeats and sold-out goods end here and write nothing. Both come from one snapshot, because a
  -- repeat must not take its own hold for a shortage.
  select past.status, past.expires_at, stock_shortage(variants, quantities) into outcome, expires_at, shortage
  from (select) as once left join stock_reservations as past on past.id = reservation;
  if outcome is null and shortage is null then
    perform 1 from stock where variant_id = any (variants) order by variant_id for update;
    select past.status, past.expires_at, stock_shortage(variants, quantities) into outcome, expires_at, shortage
    from (select) as once left join stock_reservations as past on past.id = reservation;
  end if;
  if outcome is not null then
    shortage := null;
    if outcome = 'held' and expires_at <= now() then outcome := 'expired'; end if;
    return;
  end if;
  if shortage is not null then
    outcome := 'insufficient';
    return;
  end if;
  insert into stock_reservations as made (id, status, expires_at)
  values (reservation, 'held', now() + make_interval(secs => seconds))
  on conflict (id) do nothing returning made.expires_at into expires_at;
  if not found then
    -- A release of the same id came in between.
    select existing.status, existing.expires_at into outcome, expires_at
    from stock_reservations as existing where existing.id = reservation;
    return;
  end if;
  update stock set reserved = stock.reserved + wanted.quantity
  from unnest(variants, quantities) as wanted (id, quantity) where stock.variant_id = wanted.id;
  insert into stock_reservation_lines (reservation_id, variant_id, quantity)
  select reservation, wanted.id, wanted.quantity from unnest(variants, quantities) as wanted (id, quantity);
  outcome := 'held';
end $function$;

CREATE OR REPLACE FUNCTION public.seal_of_variant(sku text, options jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select md5(jsonb_build_array(sku, options)::text) $function$;

CREATE OR REPLACE FUNCTION public.stock_shortage(variants uuid[], quantities bigint[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_agg(jsonb_build_object('productId', coalesce(variant.product_id::text, ''), 'variantId', wanted.id,
                                      'requested', wanted.quantity, 'available', available)
                   order by wanted.id)
  from unnest(variants, quantities) as wanted (id, quantity)
  left join product_variants as variant on variant.id = wanted.id and variant.deleted_at is null
  left join stock on stock.variant_id = variant.id
  cross join lateral (select coalesce(stock.on_hand - stock.reserved, 0)) as left_over (available)
  where available < wanted.quantity
$function$;

CREATE OR REPLACE FUNCTION public.tell_stock_reason(reason text, actor text, reference text)
 RETURNS void
 LANGUAGE sql
AS $function$
  select set_config('stoa.stock_reason', reason, true), set_config('stoa.stock_actor', actor, true),
         set_config('stoa.stock_reference', reference, true)
$function$;

CREATE OR REPLACE FUNCTION public.write_stock_ledger()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  before bigint := case when tg_op = 'INSERT' then 0 else old.on_hand end;
begin
  if new.on_hand <> before then
    insert into stock_ledger (variant_id, change, on_hand_after, reason, actor, reference)
    values (new.variant_id, new.on_hand - before, new.on_hand, nullif(current_setting('stoa.stock_reason', true), ''),
            nullif(current_setting('stoa.stock_actor', true), ''), coalesce(current_setting('stoa.stock_reference', true), ''));
  end if;
  return null;
end $function$;

create table categories (
  id uuid not null,
  slug text not null,
  name text not null,
  description text default ''::text not null,
  parent_id uuid,
  "position" integer generated by default as identity not null,
  name_key text,
  is_name_made boolean default false not null,
  constraint categories_pkey PRIMARY KEY (id),
  constraint categories_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  constraint categories_slug_check CHECK (((slug ~ '^[^\u0001-\u002c\u002e\u002f:-`{-\u00a0]+$'::text) AND (slug !~ '^-|--|-$'::text) AND (slug IS NFC NORMALIZED))),
  constraint categories_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES categories(id),
  constraint categories_slug_key UNIQUE (slug)
);

create table files (
  name text collate "C" not null,
  media_type text not null,
  content bytea not null,
  stored_at timestamp with time zone default now() not null,
  constraint files_pkey PRIMARY KEY (name),
  constraint files_content_check CHECK (((octet_length(content) >= 1) AND (octet_length(content) <= 1048576))),
  constraint files_name_check CHECK ((name ~ '^[0-9a-f]{64}\.[a-z0-9]{1,8}$'::text))
);

create table product_categories (
  product_id uuid not null,
  category_id uuid not null,
  "position" integer not null,
  constraint product_categories_pkey PRIMARY KEY (product_id, category_id),
  constraint product_categories_category_id_fkey FOREIGN KEY (category_id) REFERENCES categories(id),
  constraint product_categories_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id)
);

create table product_variants (
  id uuid not null,
  product_id uuid not null,
  "position" integer not null,
  sku text not null,
  options jsonb default '{}'::jsonb not null,
  price_minor bigint not null,
  deleted_at timestamp with time zone,
  seal text,
  constraint product_variants_pkey PRIMARY KEY (id),
  constraint product_variants_options_check CHECK ((jsonb_typeof(options) = 'object'::text)),
  constraint product_variants_price_minor_check CHECK ((price_minor >= 0)),
  constraint product_variants_sku_check CHECK (((length(sku) >= 1) AND (length(sku) <= 64))),
  constraint product_variants_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id)
);

create table products (
  id uuid not null,
  code text not null,
  slug text not null,
  name text not null,
  description text not null,
  price_minor bigint not null,
  currency_code character(3) not null,
  category text not null,
  image_url text default ''::text not null,
  attributes jsonb default '{}'::jsonb not null,
  keywords text default ''::text not null,
  is_demo boolean default false not null,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  deleted_at timestamp with time zone,
  sort_name text generated always as (folded(name)) stored not null,
  search tsvector generated always as ((((((setweight(to_tsvector('simple'::regconfig, folded(name)), 'A'::"char") || setweight(to_tsvector('english'::regconfig, folded(name)), 'A'::"char")) || setweight(to_tsvector('simple'::regconfig, folded(((keywords || ' '::text) || category))), 'B'::"char")) || setweight(to_tsvector('english'::regconfig, folded(((keywords || ' '::text) || category))), 'B'::"char")) || setweight(jsonb_to_tsvector('simple'::regconfig, attributes, '["string"]'::jsonb), 'C'::"char")) || setweight(to_tsvector('english'::regconfig, folded(description)), 'D'::"char"))) stored not null,
  constraint products_pkey PRIMARY KEY (id),
  constraint products_attributes_check CHECK ((jsonb_typeof(attributes) = 'object'::text)),
  constraint products_code_check CHECK ((code ~ '^[A-Z0-9]{10}$'::text)),
  constraint products_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint products_price_minor_check CHECK ((price_minor >= 0)),
  constraint products_slug_check CHECK (((slug ~ '^[^\u0001-\u002c\u002e\u002f:-`{-\u00a0]+$'::text) AND (slug !~ '^-|--|-$'::text) AND (slug IS NFC NORMALIZED))),
  constraint products_category FOREIGN KEY (category) REFERENCES categories(slug) ON UPDATE CASCADE
);

create table search_words (
  word text collate "C" not null,
  near text[] generated always as (letters_missing(word)) stored not null,
  unused_at timestamp with time zone,
  constraint search_words_pkey PRIMARY KEY (word)
);

create table stock (
  variant_id uuid not null,
  product_id uuid not null,
  on_hand bigint default 0 not null,
  reserved bigint default 0 not null,
  top_up_to bigint,
  constraint stock_pkey PRIMARY KEY (variant_id),
  constraint stock_on_hand_check CHECK ((on_hand <= 1000000000)),
  constraint stock_reserved_is_there CHECK (((0 <= reserved) AND (reserved <= on_hand))),
  constraint stock_top_up_to_check CHECK ((top_up_to > 0)),
  constraint stock_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint stock_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES product_variants(id)
) with (fillfactor=70);

create table stock_ledger (
  id bigint generated always as identity not null,
  variant_id uuid not null,
  change bigint not null,
  reason text not null,
  actor text not null,
  reference text not null,
  at timestamp with time zone default now() not null,
  on_hand_after bigint,
  constraint stock_ledger_pkey PRIMARY KEY (id),
  constraint stock_ledger_change_check CHECK ((change <> 0)),
  constraint stock_ledger_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES stock(variant_id)
);

create table stock_reservation_lines (
  reservation_id text not null,
  variant_id uuid not null,
  quantity bigint not null,
  constraint stock_reservation_lines_pkey PRIMARY KEY (reservation_id, variant_id),
  constraint stock_reservation_lines_quantity_check CHECK ((quantity > 0)),
  constraint stock_reservation_lines_reservation_id_fkey FOREIGN KEY (reservation_id) REFERENCES stock_reservations(id) ON DELETE CASCADE,
  constraint stock_reservation_lines_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES stock(variant_id)
);

create table stock_reservations (
  id text not null,
  status text not null,
  expires_at timestamp with time zone not null,
  reason text default ''::text not null,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint stock_reservations_pkey PRIMARY KEY (id),
  constraint stock_reservations_id_check CHECK (((length(id) >= 1) AND (length(id) <= 128))),
  constraint stock_reservations_status_check CHECK ((status = ANY (ARRAY['held'::text, 'committed'::text, 'released'::text, 'expired'::text])))
);

CREATE INDEX categories_name_key ON public.categories USING btree (name_key);

CREATE INDEX categories_parent ON public.categories USING btree (parent_id);

CREATE INDEX product_categories_category ON public.product_categories USING btree (category_id, product_id);

CREATE INDEX product_variants_product ON public.product_variants USING btree (product_id);

CREATE UNIQUE INDEX product_variants_sku ON public.product_variants USING btree (sku) WHERE (deleted_at IS NULL);

CREATE INDEX products_attributes ON public.products USING gin (attributes jsonb_path_ops);

CREATE UNIQUE INDEX products_code ON public.products USING btree (code) WHERE (deleted_at IS NULL);

CREATE INDEX products_demo_first ON public.products USING btree (is_demo, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX products_name ON public.products USING btree (sort_name, id) WHERE (deleted_at IS NULL);

CREATE INDEX products_newest ON public.products USING btree (created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX products_price ON public.products USING btree (price_minor, id) WHERE (deleted_at IS NULL);

CREATE INDEX products_search ON public.products USING gin (search);

CREATE UNIQUE INDEX products_slug ON public.products USING btree (slug) WHERE (deleted_at IS NULL);

CREATE INDEX products_substring ON public.products USING gin (lower(name) gin_trgm_ops, lower(description) gin_trgm_ops);

CREATE INDEX search_words_inside ON public.search_words USING gin (word gin_trgm_ops);

CREATE INDEX search_words_near ON public.search_words USING gin (near);

CREATE INDEX search_words_unused ON public.search_words USING btree (unused_at) WHERE (unused_at IS NOT NULL);

CREATE INDEX stock_product ON public.stock USING btree (product_id);

CREATE INDEX stock_ledger_at ON public.stock_ledger USING brin (at) WITH (pages_per_range='16', autosummarize='on');

CREATE INDEX stock_ledger_reference ON public.stock_ledger USING btree (reference) WHERE (reference <> ''::text);

CREATE INDEX stock_ledger_variant ON public.stock_ledger USING btree (variant_id, id);

CREATE INDEX stock_reservations_held ON public.stock_reservations USING btree (expires_at) WHERE (status = 'held'::text);

CREATE TRIGGER variants_are_kept BEFORE INSERT OR UPDATE ON public.product_variants FOR EACH ROW EXECUTE FUNCTION keep_variant();

CREATE TRIGGER variants_stay BEFORE DELETE OR TRUNCATE ON public.product_variants FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER learn_inserted AFTER INSERT ON public.products REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION learn_search_words();

CREATE TRIGGER learn_updated AFTER UPDATE ON public.products REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION learn_search_words();

CREATE TRIGGER stock_stays BEFORE DELETE OR TRUNCATE ON public.stock FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER stock_to_ledger AFTER INSERT OR UPDATE OF on_hand ON public.stock FOR EACH ROW EXECUTE FUNCTION write_stock_ledger();

CREATE TRIGGER stock_ledger_is_for_ever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.stock_ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
