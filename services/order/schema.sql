-- The whole schema of order today, as its migrations make it. Written by npm run schemas.

CREATE OR REPLACE FUNCTION public.keep_order_amounts()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (new.id, new.order_number, new.email, new.currency, new.subtotal_minor, new.discount_minor, new.shipping_minor,
      new.tax_minor, new.total_minor, new.shipping_address, new.created_at)
    is distinct from
     (old.id, old.order_number, old.email, old.currency, old.subtotal_minor, old.discount_minor, old.shipping_minor,
      old.tax_minor, old.total_minor, old.shipping_address, old.created_at)
  then
    raise exception 'Order % was placed with other words: amounts, buyer and address never change.', old.id;
  end if;
  -- A guest who signs in stays the same person; that is written down first.
  if new.user_id <> old.user_id and not exists (
    select 1 from order_owner_changes
    where order_id = new.id and from_user_id = old.user_id and to_user_id = new.user_id)
  then
    raise exception 'Order % was placed by somebody else: amounts, buyer and address never change.', old.id;
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only: what an order was stays as it was.', tg_table_name;
end $function$;

CREATE OR REPLACE FUNCTION public.reserve_order_refund(p_order uuid, p_refund_id text, p_amount bigint, p_currency character, p_reason text, p_actor text)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
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
end $function$;

create table cancel_tasks (
  order_id uuid not null,
  reason text default ''::text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  done_at timestamp with time zone,
  constraint cancel_tasks_pkey PRIMARY KEY (order_id),
  constraint cancel_tasks_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);

create table guest_claims (
  guest_id uuid not null,
  user_id uuid not null,
  begun_until uuid not null,
  claimed_at timestamp with time zone default now() not null,
  constraint guest_claims_pkey PRIMARY KEY (guest_id)
);

create table order_history (
  sequence bigint generated always as identity not null,
  order_id uuid not null,
  from_status text,
  to_status text not null,
  actor text not null,
  reason text default ''::text not null,
  at timestamp with time zone default now() not null,
  constraint order_history_pkey PRIMARY KEY (sequence),
  constraint order_history_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);

create table order_items (
  id uuid not null,
  order_id uuid not null,
  line_number smallint not null,
  product_id uuid not null,
  variant_id uuid not null,
  product_code text default ''::text not null,
  name text not null,
  quantity integer not null,
  currency_decimals smallint not null,
  price_minor bigint not null,
  subtotal_minor bigint not null,
  price numeric(24,4) generated always as (((price_minor)::numeric / ((10)::numeric ^ (currency_decimals)::numeric))) stored not null,
  subtotal numeric(24,4) generated always as (((subtotal_minor)::numeric / ((10)::numeric ^ (currency_decimals)::numeric))) stored not null,
  constraint order_items_pkey PRIMARY KEY (id),
  constraint order_items_check CHECK ((subtotal_minor = (price_minor * quantity))),
  constraint order_items_price_minor_check CHECK ((price_minor >= 0)),
  constraint order_items_quantity_check CHECK ((quantity > 0)),
  constraint order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id),
  constraint order_items_order_id_line_number_key UNIQUE (order_id, line_number)
);

create table order_owner_changes (
  sequence bigint generated always as identity not null,
  order_id uuid not null,
  from_user_id uuid not null,
  to_user_id uuid not null,
  status text not null,
  at timestamp with time zone default now() not null,
  constraint order_owner_changes_pkey PRIMARY KEY (sequence),
  constraint order_owner_changes_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);

create table order_refunds (
  order_id uuid not null,
  refund_id text not null,
  amount_minor bigint not null,
  reason text default ''::text not null,
  actor text not null,
  status text not null,
  created_at timestamp with time zone default now() not null,
  settled_at timestamp with time zone,
  constraint order_refunds_pkey PRIMARY KEY (order_id, refund_id),
  constraint order_refunds_amount_minor_check CHECK ((amount_minor > 0)),
  constraint order_refunds_refund_id_check CHECK (((length(refund_id) >= 1) AND (length(refund_id) <= 100))),
  constraint order_refunds_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'done'::text, 'refused'::text]))),
  constraint order_refunds_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);

create table orders (
  id uuid not null,
  order_number text not null,
  user_id uuid not null,
  email text not null,
  status text not null,
  currency character(3) not null,
  currency_decimals smallint not null,
  subtotal_minor bigint not null,
  discount_minor bigint not null,
  shipping_minor bigint not null,
  tax_minor bigint not null,
  total_minor bigint not null,
  total_amount numeric(24,4) generated always as (((total_minor)::numeric / ((10)::numeric ^ (currency_decimals)::numeric))) stored not null,
  shipping_address jsonb not null,
  shipping_method_code text default ''::text not null,
  tracking_number text,
  rate_snapshot_id text default ''::text not null,
  payment_id uuid,
  payment_status text default 'none'::text not null,
  payment_brand text default ''::text not null,
  payment_last4 text default ''::text not null,
  captured_minor bigint default 0 not null,
  refunded_minor bigint default 0 not null,
  confirmed_at timestamp with time zone,
  abandoned_at timestamp with time zone,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  shipping_method_name text default ''::text not null,
  constraint orders_pkey PRIMARY KEY (id),
  constraint orders_check CHECK ((total_minor = (((subtotal_minor - discount_minor) + shipping_minor) + tax_minor))),
  constraint orders_check1 CHECK (((captured_minor >= 0) AND (captured_minor <= total_minor))),
  constraint orders_check2 CHECK (((refunded_minor >= 0) AND (refunded_minor <= captured_minor))),
  constraint orders_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint orders_currency_decimals_check CHECK (((currency_decimals >= 0) AND (currency_decimals <= 4))),
  constraint orders_discount_minor_check CHECK ((discount_minor >= 0)),
  constraint orders_payment_last4_check CHECK ((payment_last4 ~ '^([0-9]{4})?$'::text)),
  constraint orders_shipping_minor_check CHECK ((shipping_minor >= 0)),
  constraint orders_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'shipped'::text, 'delivered'::text, 'cancelled'::text]))),
  constraint orders_subtotal_minor_check CHECK ((subtotal_minor >= 0)),
  constraint orders_tax_minor_check CHECK ((tax_minor >= 0)),
  constraint orders_total_minor_check CHECK ((total_minor >= 0)),
  constraint orders_order_number_key UNIQUE (order_number)
);

CREATE INDEX cancel_tasks_open ON public.cancel_tasks USING btree (next_attempt_at) WHERE (done_at IS NULL);

CREATE INDEX guest_claims_age ON public.guest_claims USING btree (claimed_at);

CREATE INDEX order_history_at ON public.order_history USING brin (at) WITH (pages_per_range='16', autosummarize='on');

CREATE INDEX order_history_order ON public.order_history USING btree (order_id, sequence);

CREATE INDEX order_owner_changes_order ON public.order_owner_changes USING btree (order_id, sequence);

CREATE INDEX order_refunds_pending ON public.order_refunds USING btree (created_at) WHERE (status = 'pending'::text);

CREATE INDEX order_refunds_settled ON public.order_refunds USING btree (settled_at) WHERE (settled_at IS NOT NULL);

CREATE INDEX orders_created ON public.orders USING btree (created_at DESC, id DESC) WHERE (abandoned_at IS NULL);

CREATE INDEX orders_email ON public.orders USING btree (lower(email), created_at DESC, id DESC) WHERE (abandoned_at IS NULL);

CREATE INDEX orders_status ON public.orders USING btree (status, created_at DESC, id DESC) WHERE (abandoned_at IS NULL);

CREATE INDEX orders_user ON public.orders USING btree (user_id, created_at DESC, id DESC) WHERE (abandoned_at IS NULL);

CREATE TRIGGER order_history_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.order_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER order_items_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.order_items FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER order_owner_changes_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.order_owner_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER orders_keep_amounts BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION keep_order_amounts();
