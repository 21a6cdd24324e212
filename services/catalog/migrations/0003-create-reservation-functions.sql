-- Each function is one round trip and one commit. All lock in one order: the reservation, then stock by variant id.

-- The wanted lines that cannot be had, or null when all can. Deleted variants have nothing to sell.
create function stock_shortage(variants uuid[], quantities bigint[]) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_build_object('productId', coalesce(variant.product_id::text, ''), 'variantId', wanted.id,
                                      'requested', wanted.quantity, 'available', available)
                   order by wanted.id)
  from unnest(variants, quantities) as wanted (id, quantity)
  left join product_variants as variant on variant.id = wanted.id and variant.deleted_at is null
  left join stock on stock.variant_id = variant.id
  cross join lateral (select coalesce(stock.on_hand - stock.reserved, 0)) as left_over (available)
  where available < wanted.quantity
$$;

-- Variants must be distinct. Outcome: held, committed, released, expired (what became of this id) or insufficient.
create function reserve_stock(reservation text, variants uuid[], quantities bigint[], seconds integer,
                              out outcome text, out expires_at timestamptz, out shortage jsonb)
language plpgsql as $$
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
end $$;

create function lock_reserved_stock(reservation text) returns void language plpgsql as $$
begin
  perform 1 from stock where variant_id in (select variant_id from stock_reservation_lines where reservation_id = reservation)
  order by variant_id for update;
end $$;

-- Outcome: absent, committed, released or insufficient.
create function commit_reservation(reservation text, actor text, out outcome text, out shortage jsonb)
language plpgsql as $$
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
end $$;

-- Frees a hold or returns what was sold. An unknown id is kept as released, so that a late reservation of it is refused.
create function release_reservation(reservation text, why text, actor text) returns void language plpgsql as $$
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
end $$;

-- Ends up to `most` holds whose time is over, skipping those that are being ended by others. Returns how many.
create function expire_reservations(most integer) returns bigint language plpgsql as $$
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
end $$;
