-- Moves what fits from one cart into another; what the limits leave out stays where it is. merge_carts, which drops that, is for
-- the release before.
create function merge_fitting_carts(
  p_from_id uuid, p_to_id uuid, p_items_max integer, p_quantity_max integer, p_now timestamptz, p_expires_at timestamptz
) returns table (version bigint, expires_at timestamptz, lines jsonb, left_lines jsonb) language plpgsql as $$
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
$$;
