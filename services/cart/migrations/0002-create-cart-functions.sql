-- Each change of a cart is one statement for the caller. Inside, every step sees what was committed before the lock was had.

create function read_cart(p_user_id uuid)
returns table (version bigint, expires_at timestamptz, lines jsonb) language sql stable as $$
  select carts.version, carts.expires_at, coalesce(
    (select jsonb_agg(jsonb_build_object('productId', product_id, 'variantId', variant_id, 'quantity', quantity)
                      order by cart.position)
     from cart where cart.user_id = carts.user_id), '[]')
  from carts where carts.user_id = p_user_id
$$;

-- Holds the actor's row, made if need be, until the transaction ends. Lines that have expired are gone afterwards.
create function lock_cart(p_user_id uuid, p_now timestamptz) returns void language plpgsql as $$
declare
  v_expires_at timestamptz;
begin
  loop
    insert into carts (user_id, version, created_at, updated_at)
    values (p_user_id, floor(extract(epoch from p_now) * 1000)::bigint, p_now, p_now)
    on conflict (user_id) do nothing;
    select expires_at into v_expires_at from carts where user_id = p_user_id for update;
    -- Only a sweep at the same moment can have taken the row away again.
    exit when found;
  end loop;
  if v_expires_at <= p_now then
    delete from cart where user_id = p_user_id;
    update carts set version = version + (case when found then 1 else 0 end), expires_at = null
    where user_id = p_user_id;
  end if;
end
$$;

create function renew_cart(p_user_id uuid, p_now timestamptz, p_expires_at timestamptz) returns void language sql as $$
  update carts set version = version + 1, expires_at = p_expires_at, updated_at = p_now where user_id = p_user_id
$$;

create function add_cart_item(
  p_user_id uuid, p_item_id uuid, p_product_id uuid, p_variant_id uuid, p_quantity integer,
  p_items_max integer, p_quantity_max integer, p_now timestamptz, p_expires_at timestamptz
) returns table (outcome text, version bigint, expires_at timestamptz, lines jsonb) language plpgsql as $$
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
$$;

-- Without a variant: the only line of the product, or that of its first variant, whose id is the product's.
create function set_cart_item(
  p_user_id uuid, p_product_id uuid, p_variant_id uuid, p_quantity integer, p_now timestamptz, p_expires_at timestamptz
) returns table (outcome text, version bigint, expires_at timestamptz, lines jsonb) language plpgsql as $$
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
$$;

create function clear_cart(p_user_id uuid, p_now timestamptz) returns void language plpgsql as $$
begin
  perform lock_cart(p_user_id, p_now);
  delete from cart where user_id = p_user_id;
  if found then
    perform renew_cart(p_user_id, p_now, null);
  end if;
end
$$;

create function merge_carts(
  p_from_id uuid, p_to_id uuid, p_items_max integer, p_quantity_max integer, p_now timestamptz, p_expires_at timestamptz
) returns table (version bigint, expires_at timestamptz, lines jsonb) language plpgsql as $$
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
$$;

create function consume_cart(
  p_user_id uuid, p_order_id uuid, p_variant_ids uuid[], p_quantities integer[], p_now timestamptz, p_expires_at timestamptz
) returns void language plpgsql as $$
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
$$;
