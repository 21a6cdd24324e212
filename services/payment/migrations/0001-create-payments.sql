-- What the provider told us, as facts that only ever grow; the status follows from them and is never set.
create table payments (
  id uuid primary key,
  -- Absent for charges without an order, and for a cancel that came before its payment.
  order_id uuid,
  is_authorized boolean not null default false,
  is_voided boolean not null default false,
  decline_reason text,
  amount_minor bigint not null default 0 check (amount_minor >= 0),
  currency char(3) check (currency ~ '^[A-Z]{3}$'),
  captured_minor bigint not null default 0 check (captured_minor >= 0),
  refunded_minor bigint not null default 0 check (refunded_minor >= 0),
  brand text not null default '',
  last4 text not null default '' check (last4 ~ '^([0-9]{4})?$'),
  expiry_month smallint,
  expiry_year smallint,
  cancel_requested_at timestamptz,
  cancel_reason text,
  cancelled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  status text not null generated always as (
    case
      when decline_reason is not null then 'declined'
      when is_voided then 'voided'
      when not is_authorized then 'none'
      when captured_minor = 0 then 'authorized'
      when refunded_minor = 0 then 'captured'
      when refunded_minor < captured_minor then 'partially_refunded'
      else 'refunded'
    end
  ) stored,
  check (captured_minor <= amount_minor),
  check (refunded_minor <= captured_minor),
  check (currency is not null or not is_authorized),
  check (captured_minor = 0 or (is_authorized and not is_voided and decline_reason is null))
);
create index payments_order on payments (order_id);
create index payments_unfinished_cancel on payments (cancel_requested_at)
  where cancel_requested_at is not null and cancelled_at is null;
create index payments_without_order on payments (created_at) where order_id is null and status = 'authorized';

create table payment_refunds (
  refund_id text primary key check (length(refund_id) between 1 and 255),
  payment_id uuid not null references payments (id),
  amount_minor bigint not null check (amount_minor > 0),
  reason text not null default '',
  -- pending holds its amount back from other refunds until the provider has answered.
  status text not null check (status in ('pending', 'done', 'refused')),
  created_at timestamptz not null default now(),
  settled_at timestamptz
);
create index payment_refunds_payment on payment_refunds (payment_id);
create index payment_refunds_pending on payment_refunds (created_at) where status = 'pending';

-- Double entry, written once and never changed.
create table ledger_entries (
  sequence bigint generated always as identity primary key,
  -- What moved the money: capture:<payment id> or refund:<refund id>.
  transaction_key text not null,
  payment_id uuid not null references payments (id),
  account text not null check (account in ('card_receivable', 'merchant_balance')),
  side text not null check (side in ('debit', 'credit')),
  amount_minor bigint not null check (amount_minor > 0),
  currency char(3) not null,
  created_at timestamptz not null default now(),
  unique (transaction_key, side, account)
);
create index ledger_entries_payment on ledger_entries (payment_id);

create function refuse_ledger_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger_entries is append-only: write a counter entry instead.';
end $$;
create trigger ledger_entries_append_only before update or delete or truncate on ledger_entries
  for each statement execute function refuse_ledger_change();

create function check_ledger_balance() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from ledger_entries where transaction_key = new.transaction_key
    group by currency
    having sum(case side when 'debit' then amount_minor else -amount_minor end) <> 0
  ) then
    raise exception 'Ledger transaction % does not balance: debits and credits must be equal.', new.transaction_key;
  end if;
  return null;
end $$;
create constraint trigger ledger_entries_balance after insert on ledger_entries
  deferrable initially deferred for each row execute function check_ledger_balance();

create function post_ledger(p_key text, p_payment uuid, p_debit text, p_credit text, p_amount bigint, p_currency char(3))
returns void language sql as $$
  insert into ledger_entries (transaction_key, payment_id, account, side, amount_minor, currency)
  values (p_key, p_payment, p_debit, 'debit', p_amount, p_currency),
         (p_key, p_payment, p_credit, 'credit', p_amount, p_currency)
  on conflict do nothing
$$;

-- Joins a snapshot of the provider with what is known: facts only grow, so order and repetition do not matter.
-- The upsert locks the payment's row; every statement after it sees all that committed before.
create function record_provider_state(
  p_id uuid, p_order_id uuid, p_is_authorized boolean, p_is_voided boolean, p_decline_reason text,
  p_amount bigint, p_currency char(3), p_captured bigint,
  p_brand text, p_last4 text, p_expiry_month smallint, p_expiry_year smallint, p_refunds jsonb
) returns payments language plpgsql as $$
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
end $$;

-- Writes the intent of a refund if captured money is left that no other refund, done or pending, has a claim on.
-- p_amount null means all that is left.
create function reserve_refund(p_payment uuid, p_refund_id text, p_amount bigint, p_currency char(3), p_reason text)
returns table (outcome text, refund_status text, refund_amount bigint) language plpgsql as $$
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
end $$;
