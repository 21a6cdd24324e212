-- The whole schema of payment today, as its migrations make it. Written by npm run schemas.

CREATE OR REPLACE FUNCTION public.check_ledger_balance()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (
    select 1 from ledger_entries where transaction_key = new.transaction_key
    group by currency
    having sum(case side when 'debit' then amount_minor else -amount_minor end) <> 0
  ) then
    raise exception 'Ledger transaction % does not balance: debits and credits must be equal.', new.transaction_key;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.post_ledger(p_key text, p_payment uuid, p_debit text, p_credit text, p_amount bigint, p_currency character)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into ledger_entries (transaction_key, payment_id, account, side, amount_minor, currency)
  values (p_key, p_payment, p_debit, 'debit', p_amount, p_currency),
         (p_key, p_payment, p_credit, 'credit', p_amount, p_currency)
  on conflict do nothing
$function$;

CREATE OR REPLACE FUNCTION public.record_provider_state(p_id uuid, p_order_id uuid, p_is_authorized boolean, p_is_voided boolean, p_decline_reason text, p_amount bigint, p_currency character, p_captured bigint, p_brand text, p_last4 text, p_expiry_month smallint, p_expiry_year smallint, p_refunds jsonb)
 RETURNS payments
 LANGUAGE plpgsql
AS $function$
declare
  payment payments;
  refund record;
begin
  insert into payments as known (id, order_id, is_authorized, is_voided, decline_reason, amount_minor, currency, captured_minor,
    brand, last4, expiry_month, expiry_year)
  values (p_id, p_order_id, p_is_authorized, p_is_voided, p_decline_reason, p_amount, p_currency, p_captured,
    p_brand, p_last4, p_expiry_month, p_expiry_year)
  on conflict (id) do update set
    order_id = coalesce(known.order_id, excluded.order_id),
    is_authorized = known.is_authorized or excluded.is_authorized,
    is_voided = known.is_voided or excluded.is_voided,
    decline_reason = coalesce(known.decline_reason, excluded.decline_reason),
    amount_minor = greatest(known.amount_minor, excluded.amount_minor),
    currency = coalesce(known.currency, excluded.currency),
    captured_minor = greatest(known.captured_minor, excluded.captured_minor),
    brand = coalesce(nullif(known.brand, ''), excluded.brand),
    last4 = coalesce(nullif(known.last4, ''), excluded.last4),
    expiry_month = coalesce(known.expiry_month, excluded.expiry_month),
    expiry_year = coalesce(known.expiry_year, excluded.expiry_year),
    updated_at = now()
  returning * into payment;

  if payment.captured_minor > 0 then
    perform post_ledger('capture:' || p_id, p_id, 'card_receivable', 'merchant_balance', payment.captured_minor, payment.currency);
  end if;

  for refund in select value ->> 'key' as key, (value ->> 'amountMinor')::bigint as amount from jsonb_array_elements(p_refunds) loop
    insert into payment_refunds as known (refund_id, payment_id, amount_minor, status, settled_at)
    values (refund.key, p_id, refund.amount, 'done', now())
    on conflict (refund_id) do update set status = 'done', settled_at = now() where known.status <> 'done';
    perform post_ledger('refund:' || refund.key, p_id, 'merchant_balance', 'card_receivable', refund.amount, payment.currency);
  end loop;

  if jsonb_array_length(p_refunds) > 0 or payment.cancel_requested_at is not null then
    update payments set
      refunded_minor = done.amount,
      cancelled_at = case
        when cancelled_at is not null or cancel_requested_at is null then cancelled_at
        when is_voided or decline_reason is not null or (captured_minor > 0 and done.amount = captured_minor) then now()
      end
    from (select coalesce(sum(amount_minor), 0)::bigint as amount from payment_refunds
          where payment_id = p_id and status = 'done') done
    where id = p_id
    returning payments.* into payment;
  end if;
  return payment;
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_ledger_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'ledger_entries is append-only: write a counter entry instead.';
end $function$;

CREATE OR REPLACE FUNCTION public.reserve_refund(p_payment uuid, p_refund_id text, p_amount bigint, p_currency character, p_reason text)
 RETURNS TABLE(outcome text, refund_status text, refund_amount bigint)
 LANGUAGE plpgsql
AS $function$
declare
  payment payments;
  known payment_refunds;
  left_minor bigint;
begin
  select * into payment from payments where id = p_payment for update;
  if not found then
    return query select 'not_found', null::text, null::bigint;
    return;
  end if;
  select * into known from payment_refunds where refund_id = p_refund_id;
  if found then
    if known.payment_id <> p_payment or known.amount_minor <> coalesce(p_amount, known.amount_minor) then
      return query select 'taken', null::text, null::bigint;
    else
      return query select 'known', known.status, known.amount_minor;
    end if;
    return;
  end if;
  select payment.captured_minor - coalesce(sum(amount_minor), 0) into left_minor
    from payment_refunds where payment_id = p_payment and status in ('pending', 'done');
  if coalesce(p_amount, left_minor) > left_minor or left_minor = 0 or payment.currency <> coalesce(p_currency, payment.currency) then
    return query select 'exceeds', null::text, left_minor;
    return;
  end if;
  insert into payment_refunds (refund_id, payment_id, amount_minor, reason, status)
    values (p_refund_id, p_payment, coalesce(p_amount, left_minor), p_reason, 'pending');
  return query select 'reserved', 'pending', coalesce(p_amount, left_minor);
end $function$;

create table ledger_entries (
  sequence bigint generated always as identity not null,
  transaction_key text not null,
  payment_id uuid not null,
  account text not null,
  side text not null,
  amount_minor bigint not null,
  currency character(3) not null,
  created_at timestamp with time zone default now() not null,
  constraint ledger_entries_pkey PRIMARY KEY (sequence),
  constraint ledger_entries_account_check CHECK ((account = ANY (ARRAY['card_receivable'::text, 'merchant_balance'::text]))),
  constraint ledger_entries_amount_minor_check CHECK ((amount_minor > 0)),
  constraint ledger_entries_side_check CHECK ((side = ANY (ARRAY['debit'::text, 'credit'::text]))),
  constraint ledger_entries_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  constraint ledger_entries_transaction_key_side_account_key UNIQUE (transaction_key, side, account)
);

create table payment_differences (
  sequence bigint generated always as identity not null,
  payment_id uuid not null,
  finding text not null,
  ours jsonb,
  theirs jsonb,
  is_mended boolean not null,
  found_at timestamp with time zone default now() not null,
  constraint payment_differences_pkey PRIMARY KEY (sequence),
  constraint payment_differences_finding_check CHECK ((finding = ANY (ARRAY['unknown_to_us'::text, 'provider_ahead'::text, 'unknown_to_provider'::text, 'we_are_ahead'::text]))),
  constraint payment_differences_payment_id_finding_ours_theirs_key UNIQUE NULLS NOT DISTINCT (payment_id, finding, ours, theirs)
);

create table payment_disputes (
  dispute_id text not null,
  payment_id uuid not null,
  amount_minor bigint not null,
  currency character(3) not null,
  reason text not null,
  status text not null,
  opened_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint payment_disputes_pkey PRIMARY KEY (dispute_id),
  constraint payment_disputes_amount_minor_check CHECK ((amount_minor >= 0)),
  constraint payment_disputes_dispute_id_check CHECK (((length(dispute_id) >= 1) AND (length(dispute_id) <= 255))),
  constraint payment_disputes_status_check CHECK ((status = ANY (ARRAY['needs_response'::text, 'under_review'::text, 'won'::text, 'lost'::text]))),
  constraint payment_disputes_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id)
);

create table payment_refunds (
  refund_id text not null,
  payment_id uuid not null,
  amount_minor bigint not null,
  reason text default ''::text not null,
  status text not null,
  created_at timestamp with time zone default now() not null,
  settled_at timestamp with time zone,
  told_at timestamp with time zone,
  constraint payment_refunds_pkey PRIMARY KEY (refund_id),
  constraint payment_refunds_amount_minor_check CHECK ((amount_minor > 0)),
  constraint payment_refunds_refund_id_check CHECK (((length(refund_id) >= 1) AND (length(refund_id) <= 255))),
  constraint payment_refunds_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'done'::text, 'refused'::text]))),
  constraint payment_refunds_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id)
);

create table payments (
  id uuid not null,
  order_id uuid,
  is_authorized boolean default false not null,
  is_voided boolean default false not null,
  decline_reason text,
  amount_minor bigint default 0 not null,
  currency character(3),
  captured_minor bigint default 0 not null,
  refunded_minor bigint default 0 not null,
  brand text default ''::text not null,
  last4 text default ''::text not null,
  expiry_month smallint,
  expiry_year smallint,
  cancel_requested_at timestamp with time zone,
  cancel_reason text,
  cancelled_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  status text generated always as (
CASE
    WHEN (decline_reason IS NOT NULL) THEN 'declined'::text
    WHEN is_voided THEN 'voided'::text
    WHEN (NOT is_authorized) THEN 'none'::text
    WHEN (captured_minor = 0) THEN 'authorized'::text
    WHEN (refunded_minor = 0) THEN 'captured'::text
    WHEN (refunded_minor < captured_minor) THEN 'partially_refunded'::text
    ELSE 'refunded'::text
END) stored not null,
  provider text,
  session jsonb,
  begun_at timestamp with time zone,
  provider_data jsonb,
  constraint payments_pkey PRIMARY KEY (id),
  constraint payments_amount_minor_check CHECK ((amount_minor >= 0)),
  constraint payments_captured_minor_check CHECK ((captured_minor >= 0)),
  constraint payments_check CHECK ((captured_minor <= amount_minor)),
  constraint payments_check1 CHECK ((refunded_minor <= captured_minor)),
  constraint payments_check2 CHECK (((currency IS NOT NULL) OR (NOT is_authorized))),
  constraint payments_check3 CHECK (((captured_minor = 0) OR (is_authorized AND (NOT is_voided) AND (decline_reason IS NULL)))),
  constraint payments_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint payments_last4_check CHECK ((last4 ~ '^([0-9]{4})?$'::text)),
  constraint payments_refunded_minor_check CHECK ((refunded_minor >= 0))
);

create table provider_callbacks (
  callback_id text not null,
  payment_id uuid not null,
  type text not null,
  received_at timestamp with time zone default now() not null,
  constraint provider_callbacks_pkey PRIMARY KEY (callback_id),
  constraint provider_callbacks_callback_id_check CHECK (((length(callback_id) >= 1) AND (length(callback_id) <= 255)))
);

CREATE INDEX ledger_entries_payment ON public.ledger_entries USING btree (payment_id);

CREATE INDEX payment_differences_found ON public.payment_differences USING btree (found_at);

CREATE INDEX payment_disputes_opened ON public.payment_disputes USING btree (opened_at);

CREATE INDEX payment_disputes_payment ON public.payment_disputes USING btree (payment_id);

CREATE INDEX payment_refunds_payment ON public.payment_refunds USING btree (payment_id);

CREATE INDEX payment_refunds_pending ON public.payment_refunds USING btree (created_at) WHERE (status = 'pending'::text);

CREATE INDEX payment_refunds_untold ON public.payment_refunds USING btree (payment_id) WHERE ((status = 'done'::text) AND (told_at IS NULL));

CREATE INDEX payments_order ON public.payments USING btree (order_id);

CREATE INDEX payments_unfinished_cancel ON public.payments USING btree (cancel_requested_at) WHERE ((cancel_requested_at IS NOT NULL) AND (cancelled_at IS NULL));

CREATE INDEX payments_updated ON public.payments USING btree (updated_at, id);

CREATE INDEX payments_without_order ON public.payments USING btree (created_at) WHERE ((order_id IS NULL) AND (status = 'authorized'::text));

CREATE INDEX provider_callbacks_received ON public.provider_callbacks USING btree (received_at);

CREATE TRIGGER ledger_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

CREATE CONSTRAINT TRIGGER ledger_entries_balance AFTER INSERT ON public.ledger_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_balance();
