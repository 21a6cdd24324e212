create table orders (
  id uuid primary key,
  order_number text not null unique,
  user_id uuid not null,
  email text not null,
  status text not null check (status in ('pending', 'processing', 'shipped', 'delivered', 'cancelled')),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  currency_decimals smallint not null check (currency_decimals between 0 and 4),
  subtotal_minor bigint not null check (subtotal_minor >= 0),
  discount_minor bigint not null check (discount_minor >= 0),
  shipping_minor bigint not null check (shipping_minor >= 0),
  tax_minor bigint not null check (tax_minor >= 0),
  total_minor bigint not null check (total_minor >= 0),
  -- The same total in major units, for readers of the table; it cannot drift.
  total_amount numeric(24, 4) not null generated always as (total_minor / 10::numeric ^ currency_decimals) stored,
  shipping_address jsonb not null,
  shipping_method_code text not null default '',
  tracking_number text,
  rate_snapshot_id text not null default '',
  payment_id uuid,
  payment_status text not null default 'none',
  payment_brand text not null default '',
  payment_last4 text not null default '' check (payment_last4 ~ '^([0-9]{4})?$'),
  captured_minor bigint not null default 0,
  refunded_minor bigint not null default 0,
  -- The world was told of it; before this, the attempt may still be abandoned without a trace for the customer.
  confirmed_at timestamptz,
  -- The attempt failed: hidden from every list, and a bar to a late creation under the same id.
  abandoned_at timestamptz,
  -- Milliseconds, as cursors hold them.
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  check (total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor),
  check (captured_minor between 0 and total_minor),
  check (refunded_minor between 0 and captured_minor)
);
create index orders_user on orders (user_id, created_at desc, id desc) where abandoned_at is null;
create index orders_status on orders (status, created_at desc, id desc) where abandoned_at is null;
create index orders_created on orders (created_at desc, id desc) where abandoned_at is null;
create index orders_email on orders (lower(email), created_at desc, id desc) where abandoned_at is null;

create table order_items (
  id uuid primary key,
  order_id uuid not null references orders (id),
  line_number smallint not null,
  product_id uuid not null,
  variant_id uuid not null,
  product_code text not null default '',
  name text not null,
  quantity integer not null check (quantity > 0),
  currency_decimals smallint not null,
  price_minor bigint not null check (price_minor >= 0),
  subtotal_minor bigint not null,
  price numeric(24, 4) not null generated always as (price_minor / 10::numeric ^ currency_decimals) stored,
  subtotal numeric(24, 4) not null generated always as (subtotal_minor / 10::numeric ^ currency_decimals) stored,
  unique (order_id, line_number),
  check (subtotal_minor = price_minor * quantity)
);

create table order_history (
  sequence bigint generated always as identity primary key,
  order_id uuid not null references orders (id),
  from_status text,
  to_status text not null,
  actor text not null,
  reason text not null default '',
  at timestamptz not null default now()
);
create index order_history_order on order_history (order_id, sequence);

create table order_refunds (
  order_id uuid not null references orders (id),
  refund_id text not null check (length(refund_id) between 1 and 100),
  amount_minor bigint not null check (amount_minor > 0),
  reason text not null default '',
  actor text not null,
  -- pending holds its amount back from other refunds until the payment service has answered.
  status text not null check (status in ('pending', 'done', 'refused')),
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (order_id, refund_id)
);
create index order_refunds_pending on order_refunds (created_at) where status = 'pending';

-- What a cancelled order still owes: stock, money and the parcel. Written with the cancel, kept until all three are back.
create table cancel_tasks (
  order_id uuid primary key references orders (id),
  reason text not null default '',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  done_at timestamptz
);
create index cancel_tasks_open on cancel_tasks (next_attempt_at) where done_at is null;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: what an order was stays as it was.', tg_table_name;
end $$;
create trigger order_history_append_only before update or delete or truncate on order_history
  for each statement execute function refuse_change();
create trigger order_items_append_only before update or delete or truncate on order_items
  for each statement execute function refuse_change();

create function keep_order_amounts() returns trigger language plpgsql as $$
begin
  if (new.id, new.order_number, new.user_id, new.email, new.currency, new.subtotal_minor, new.discount_minor, new.shipping_minor,
      new.tax_minor, new.total_minor, new.shipping_address, new.created_at)
    is distinct from
     (old.id, old.order_number, old.user_id, old.email, old.currency, old.subtotal_minor, old.discount_minor, old.shipping_minor,
      old.tax_minor, old.total_minor, old.shipping_address, old.created_at)
  then
    raise exception 'Order % was placed with other words: amounts, buyer and address never change.', old.id;
  end if;
  return new;
end $$;
create trigger orders_keep_amounts before update on orders for each row execute function keep_order_amounts();

-- Writes the intent of a refund if captured money is left that no other refund, done or pending, has a claim on.
-- p_amount null means all that is left.
create function reserve_order_refund(
  p_order uuid, p_refund_id text, p_amount bigint, p_currency char(3), p_reason text, p_actor text
) returns text language plpgsql as $$
declare
  placed orders;
  known order_refunds;
  left_minor bigint;
begin
  select * into placed from orders where id = p_order for update;
  select * into known from order_refunds where order_id = p_order and refund_id = p_refund_id;
  if found then
    return case when known.amount_minor = coalesce(p_amount, known.amount_minor) then known.status else 'taken' end;
  end if;
  if placed.captured_minor = 0 then
    return 'not_paid';
  end if;
  select placed.captured_minor - coalesce(sum(amount_minor), 0) into left_minor
    from order_refunds where order_id = p_order and status in ('pending', 'done');
  if placed.status = 'cancelled' or left_minor = 0 or coalesce(p_amount, left_minor) > left_minor
    or placed.currency <> coalesce(p_currency, placed.currency) then
    return 'exceeds';
  end if;
  insert into order_refunds (order_id, refund_id, amount_minor, reason, actor, status)
    values (p_order, p_refund_id, coalesce(p_amount, left_minor), p_reason, p_actor, 'pending');
  return 'pending';
end $$;
