-- The whole schema of cart today, as its migrations make it. Written by npm run schemas.

CREATE OR REPLACE FUNCTION public.add_cart_item(p_user_id uuid, p_item_id uuid, p_product_id uuid, p_variant_id uuid, p_quantity integer, p_items_max integer, p_quantity_max integer, p_now timestamp with time zone, p_expires_at timestamp with time zone)
 RETURNS TABLE(outcome text, version bigint, expires_at timestamp with time zone, lines jsonb)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  v_quantity integer;
  v_outcome text := 'done';
begin
  perform lock_cart(p_user_id, p_now);
  select quantity into v_quantity from cart where user_id = p_user_id and variant_id = p_variant_id;
  if coalesce(v_quantity, 0) + p_quantity > p_quantity_max then
    v_outcome := 'quantity-limit';
  elsif v_quantity is null and (select count(*) from cart where user_id = p_user_id) >= p_items_max then
    v_outcome := 'line-limit';
  else
    insert into cart (id, user_id, product_id, variant_id, quantity, created_at, updated_at)
    values (p_item_id, p_user_id, p_product_id, p_variant_id, p_quantity, p_now, p_now)
    on conflict (user_id, variant_id)
    do update set quantity = cart.quantity + excluded.quantity, updated_at = excluded.updated_at;
    perform renew_cart(p_user_id, p_now, p_expires_at);
  end if;
  return query select v_outcome, found_cart.* from read_cart(p_user_id) as found_cart;
end
$function$;

CREATE OR REPLACE FUNCTION public.clear_cart(p_user_id uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform lock_cart(p_user_id, p_now);
  delete from cart where user_id = p_user_id;
  if found then
    perform renew_cart(p_user_id, p_now, null);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.consume_cart(p_user_id uuid, p_order_id uuid, p_variant_ids uuid[], p_quantities integer[], p_now timestamp with time zone, p_expires_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into cart_consumptions (order_id, user_id, consumed_at) values (p_order_id, p_user_id, p_now)
  on conflict (order_id) do nothing;
  if not found then
    return;
  end if;
  perform lock_cart(p_user_id, p_now);
  delete from cart using (
    select variant_id, sum(quantity) as quantity from unnest(p_variant_ids, p_quantities) as bought (variant_id, quantity)
    group by variant_id
  ) as bought
  where cart.user_id = p_user_id and cart.variant_id = bought.variant_id and cart.quantity <= bought.quantity;
  update cart set quantity = cart.quantity - bought.quantity, updated_at = p_now from (
    select variant_id, sum(quantity) as quantity from unnest(p_variant_ids, p_quantities) as bought (variant_id, quantity)
    group by variant_id
  ) as bought
  where cart.user_id = p_user_id and cart.variant_id = bought.variant_id;
  perform renew_cart(p_user_id, p_now, p_expires_at);
end
$function$;

CREATE OR REPLACE FUNCTION public.lock_cart(p_user_id uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_expires_at timestamptz;
  v_moved_at timestamptz;
begin
  loop
    insert into carts (user_id, version, created_at, updated_at)
    values (p_user_id, next_cart_version(0, p_now), p_now, p_now)
    on conflict (user_id) do nothing;
    select expires_at, moved_at into v_expires_at, v_moved_at from carts where user_id = p_user_id for update;
    -- Only a sweep at the same moment can have taken the row away again.
    exit when found;
  end loop;
  if v_moved_at is not null then
    perform refuse_moved_cart();
  end if;
  if v_expires_at <= p_now then
    delete from cart where user_id = p_user_id;
    update carts set version = version + (case when found then 1 else 0 end), expires_at = null
    where user_id = p_user_id;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.merge_carts(p_from_id uuid, p_to_id uuid, p_items_max integer, p_quantity_max integer, p_now timestamp with time zone, p_expires_at timestamp with time zone)
 RETURNS TABLE(version bigint, expires_at timestamp with time zone, lines jsonb)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
begin
  if p_from_id <> p_to_id then
    -- In one order, so that two merges crosswise wait for each other instead of standing still.
    perform lock_cart(least(p_from_id, p_to_id), p_now);
    perform lock_cart(greatest(p_from_id, p_to_id), p_now);
    if exists (select 1 from cart where user_id = p_from_id) then
      update cart as target
      set quantity = least(p_quantity_max, target.quantity + source.quantity), updated_at = p_now
      from cart as source
      where target.user_id = p_to_id and source.user_id = p_from_id and source.variant_id = target.variant_id;
      update cart set user_id = p_to_id, updated_at = p_now where id in (
        select source.id from cart as source
        where source.user_id = p_from_id
          and not exists (select 1 from cart where user_id = p_to_id and variant_id = source.variant_id)
        order by source.position
        limit greatest(0, p_items_max - (select count(*) from cart where user_id = p_to_id)));
      delete from cart where user_id = p_from_id;
      perform renew_cart(p_from_id, p_now, null);
      perform renew_cart(p_to_id, p_now, p_expires_at);
    end if;
  end if;
  return query select found_cart.* from read_cart(p_to_id) as found_cart;
end
$function$;

CREATE OR REPLACE FUNCTION public.merge_fitting_carts(p_from_id uuid, p_to_id uuid, p_items_max integer, p_quantity_max integer, p_now timestamp with time zone, p_expires_at timestamp with time zone)
 RETURNS TABLE(version bigint, expires_at timestamp with time zone, lines jsonb, left_lines jsonb)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  v_shared record;
  v_moved integer := 0;
  v_brought integer := 0;
begin
  if p_from_id <> p_to_id then
    -- In one order, so that two merges crosswise wait for each other instead of standing still.
    perform lock_cart(least(p_from_id, p_to_id), p_now);
    perform lock_cart(greatest(p_from_id, p_to_id), p_now);
    for v_shared in
      select source.id as from_line, target.id as to_line, source.quantity as held,
        least(source.quantity, p_quantity_max - target.quantity) as moved
      from cart as source join cart as target on target.user_id = p_to_id and target.variant_id = source.variant_id
      where source.user_id = p_from_id and target.quantity < p_quantity_max
    loop
      update cart set quantity = quantity + v_shared.moved, updated_at = p_now where id = v_shared.to_line;
      if v_shared.moved = v_shared.held then
        delete from cart where id = v_shared.from_line;
      else
        update cart set quantity = quantity - v_shared.moved, updated_at = p_now where id = v_shared.from_line;
      end if;
      v_moved := v_moved + 1;
    end loop;
    update cart set user_id = p_to_id, updated_at = p_now where id in (
      select source.id from cart as source
      where source.user_id = p_from_id
        and not exists (select 1 from cart where user_id = p_to_id and variant_id = source.variant_id)
      order by source.position
      limit greatest(0, p_items_max - (select count(*) from cart where user_id = p_to_id)));
    get diagnostics v_brought = row_count;
    if v_moved + v_brought > 0 then
      perform renew_cart(p_from_id, p_now,
        case when exists (select 1 from cart where user_id = p_from_id) then p_expires_at end);
      perform renew_cart(p_to_id, p_now, p_expires_at);
    end if;
  end if;
  return query select found_cart.*,
    case when p_from_id = p_to_id then '[]'::jsonb
      else coalesce((select source.lines from read_cart(p_from_id) as source), '[]') end
  from read_cart(p_to_id) as found_cart;
end
$function$;

CREATE OR REPLACE FUNCTION public.next_cart_version(p_version bigint, p_now timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
AS $function$
  select greatest(p_version + 1, floor(extract(epoch from p_now) * 1000)::bigint * 256 + floor(random() * 256)::bigint)
$function$;

CREATE OR REPLACE FUNCTION public.read_cart(p_user_id uuid)
 RETURNS TABLE(version bigint, expires_at timestamp with time zone, lines jsonb)
 LANGUAGE sql
 STABLE
AS $function$
  select case when carts.moved_at is null then carts.version else refuse_moved_cart() end, carts.expires_at, coalesce(
    (select jsonb_agg(jsonb_build_object('productId', product_id, 'variantId', variant_id, 'quantity', quantity)
                      order by cart.position)
     from cart where cart.user_id = carts.user_id), '[]')
  from carts where carts.user_id = p_user_id
$function$;

CREATE OR REPLACE FUNCTION public.refuse_moved_cart()
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'The cart has been moved to another store.' using errcode = '57P90';
end
$function$;

CREATE OR REPLACE FUNCTION public.release_cart(p_user_id uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform 1 from carts where user_id = p_user_id and moved_at is not null for update;
  if found then
    delete from cart where user_id = p_user_id;
    update carts set expires_at = null, updated_at = p_now where user_id = p_user_id;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.renew_cart(p_user_id uuid, p_now timestamp with time zone, p_expires_at timestamp with time zone)
 RETURNS void
 LANGUAGE sql
AS $function$
  update carts set version = next_cart_version(version, p_now), expires_at = p_expires_at, updated_at = p_now
  where user_id = p_user_id
$function$;

CREATE OR REPLACE FUNCTION public.seal_cart(p_user_id uuid, p_now timestamp with time zone)
 RETURNS TABLE(version bigint, expires_at timestamp with time zone, lines jsonb, consumed uuid[])
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
begin
  insert into carts as held (user_id, version, moved_at, created_at, updated_at) values (p_user_id, 0, p_now, p_now, p_now)
  on conflict (user_id) do update set moved_at = coalesce(held.moved_at, excluded.moved_at);
  return query select carts.version, carts.expires_at, coalesce(
    (select jsonb_agg(jsonb_build_object('productId', product_id, 'variantId', variant_id, 'quantity', quantity)
                      order by cart.position)
     from cart where cart.user_id = carts.user_id), '[]'),
    array(select order_id from cart_consumptions where cart_consumptions.user_id = p_user_id
          order by consumed_at desc limit 100)
  from carts where carts.user_id = p_user_id;
end
$function$;

CREATE OR REPLACE FUNCTION public.set_cart_item(p_user_id uuid, p_product_id uuid, p_variant_id uuid, p_quantity integer, p_now timestamp with time zone, p_expires_at timestamp with time zone)
 RETURNS TABLE(outcome text, version bigint, expires_at timestamp with time zone, lines jsonb)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  v_id uuid;
  v_quantity integer;
begin
  perform lock_cart(p_user_id, p_now);
  select id, quantity into v_id, v_quantity from (
    select id, quantity, variant_id, count(*) over () as choices from cart
    where user_id = p_user_id and product_id = p_product_id and (p_variant_id is null or variant_id = p_variant_id)
  ) as candidates
  where choices = 1 or variant_id = p_product_id;
  if v_id is null then
    return query select 'not-found', null::bigint, null::timestamptz, null::jsonb;
    return;
  end if;
  if p_quantity = 0 then
    delete from cart where id = v_id;
  else
    update cart set quantity = p_quantity, updated_at = p_now where id = v_id and quantity <> p_quantity;
  end if;
  if found then
    perform renew_cart(p_user_id, p_now, p_expires_at);
  end if;
  return query select 'done', found_cart.* from read_cart(p_user_id) as found_cart;
end
$function$;

CREATE OR REPLACE FUNCTION public.take_in_cart(p_user_id uuid, p_version bigint, p_expires_at timestamp with time zone, p_lines jsonb, p_consumed uuid[], p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_moved_at timestamptz;
begin
  insert into carts (user_id, version, moved_at, created_at, updated_at) values (p_user_id, 0, p_now, p_now, p_now)
  on conflict (user_id) do nothing;
  select moved_at into v_moved_at from carts where user_id = p_user_id for update;
  if v_moved_at is null then
    return;
  end if;
  delete from cart where user_id = p_user_id;
  insert into cart (id, user_id, product_id, variant_id, quantity, created_at, updated_at)
  select gen_random_uuid(), p_user_id, (line ->> 'productId')::uuid, (line ->> 'variantId')::uuid, (line ->> 'quantity')::int, p_now, p_now
  from jsonb_array_elements(p_lines) with ordinality as given (line, place) order by place;
  insert into cart_consumptions (order_id, user_id, consumed_at)
  select order_id, p_user_id, p_now from unnest(p_consumed) as taken (order_id) on conflict (order_id) do nothing;
  update carts set moved_at = null, expires_at = p_expires_at, updated_at = p_now,
    version = greatest(p_version, case when version = 0 then 0 else version + 1 end)
  where user_id = p_user_id;
end
$function$;

create table cart (
  id uuid not null,
  user_id uuid not null,
  product_id uuid not null,
  variant_id uuid not null,
  quantity integer not null,
  "position" bigint generated always as identity not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint cart_pkey PRIMARY KEY (id),
  constraint cart_quantity_check CHECK (((quantity >= 1) AND (quantity <= 99))),
  constraint cart_user_id_fkey FOREIGN KEY (user_id) REFERENCES carts(user_id) ON DELETE CASCADE,
  constraint cart_user_id_variant_id_key UNIQUE (user_id, variant_id)
);

create table cart_consumptions (
  order_id uuid not null,
  user_id uuid not null,
  consumed_at timestamp with time zone not null,
  constraint cart_consumptions_pkey PRIMARY KEY (order_id)
);

create table cart_stores (
  name text not null,
  mark uuid not null,
  known_at timestamp with time zone not null,
  constraint cart_stores_pkey PRIMARY KEY (name)
);

create table carts (
  user_id uuid not null,
  version bigint not null,
  expires_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  moved_at timestamp with time zone,
  constraint carts_pkey PRIMARY KEY (user_id)
);

CREATE INDEX cart_consumptions_by_time ON public.cart_consumptions USING btree (consumed_at);

CREATE INDEX cart_consumptions_by_user ON public.cart_consumptions USING btree (user_id, consumed_at);

CREATE INDEX carts_by_expiry ON public.carts USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE INDEX carts_swept ON public.carts USING btree (updated_at) WHERE (expires_at IS NULL);
