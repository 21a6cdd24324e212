-- The ledger of the built-in payment provider. It stands for another firm's database: nothing of ours joins it or
-- refers to it, and each of its operations commits by itself.
create schema provider;

create table provider.charges (
  sequence bigint generated always as identity unique,
  key uuid primary key,
  order_id uuid,
  is_authorized boolean not null default false,
  -- Also without an authorisation: it then bars a late one.
  is_voided boolean not null default false,
  decline_reason text,
  amount_minor bigint not null default 0,
  currency char(3),
  captured_minor bigint not null default 0,
  refunded_minor bigint not null default 0,
  brand text not null default '',
  last4 text not null default '',
  expiry_month smallint,
  expiry_year smallint,
  check (captured_minor <= amount_minor),
  check (refunded_minor <= captured_minor),
  check (not (is_voided and captured_minor > 0))
);

create table provider.refunds (
  refund_key text primary key,
  key uuid not null references provider.charges (key),
  amount_minor bigint not null check (amount_minor > 0)
);
create index refunds_key on provider.refunds (key);
