-- Versions that never repeat, also after a store has lost its last changes: in the unit of 1/1024 ms, with chance in what the clock leaves
-- open. They stay whole numbers below 2^53 until the year 2248.
create function next_cart_version(p_version bigint, p_now timestamptz) returns bigint language sql volatile as $$
  select greatest(p_version + 1, floor(extract(epoch from p_now) * 1000)::bigint * 1024 + floor(random() * 1024)::bigint)
$$;

-- Set when a cart has been taken to another store (docs/decisions/0044). Its content stays until it has arrived there.
alter table carts add column moved_at timestamptz;

-- The store outside that carts were last found in, so that one that comes back empty is recognised.
create table cart_stores (
  name text primary key,
  mark uuid not null,
  known_at timestamptz not null
);

create index cart_consumptions_by_user on cart_consumptions (user_id, consumed_at);

-- 57P: the release before, too, says that it cannot be reached now, and is asked again.
create function refuse_moved_cart() returns bigint language plpgsql as $$
begin
  raise exception 'The cart has been moved to another store.' using errcode = '57P90';
end
$$;

create or replace function read_cart(p_user_id uuid)
returns table (version bigint, expires_at timestamptz, lines jsonb) language sql stable as $$
  select case when carts.moved_at is null then carts.version else refuse_moved_cart() end, carts.expires_at, coalesce(
    (select jsonb_agg(jsonb_build_object('productId', product_id, 'variantId', variant_id, 'quantity', quantity)
                      order by cart.position)
     from cart where cart.user_id = carts.user_id), '[]')
  from carts where carts.user_id = p_user_id
$$;

create or replace function lock_cart(p_user_id uuid, p_now timestamptz) returns void language plpgsql as $$
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
$$;

create or replace function renew_cart(p_user_id uuid, p_now timestamptz, p_expires_at timestamptz) returns void language sql as $$
  update carts set version = next_cart_version(version, p_now), expires_at = p_expires_at, updated_at = p_now
  where user_id = p_user_id
$$;

-- From here on nobody changes the cart here; one that was never here is refused too. Says what there is to take along.
create function seal_cart(p_user_id uuid, p_now timestamptz)
returns table (version bigint, expires_at timestamptz, lines jsonb, consumed uuid[]) language plpgsql as $$
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
$$;

-- What was sealed has arrived: here it is forgotten.
create function release_cart(p_user_id uuid, p_now timestamptz) returns void language plpgsql as $$
begin
  perform 1 from carts where user_id = p_user_id and moved_at is not null for update;
  if found then
    delete from cart where user_id = p_user_id;
    update carts set expires_at = null, updated_at = p_now where user_id = p_user_id;
  end if;
end
$$;

-- Takes a cart in, unless there is one already.
create function take_in_cart(
  p_user_id uuid, p_version bigint, p_expires_at timestamptz, p_lines jsonb, p_consumed uuid[], p_now timestamptz
) returns void language plpgsql as $$
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
$$;
