-- Payments that the buyer ends at the provider. All null for a provider that is given a card and answers at once.
alter table payments
  -- Which implementation of the port has the payment; null is the built-in one.
  add column provider text,
  -- What authorize was asked for, written before it is asked.
  add column session jsonb,
  add column begun_at timestamptz,
  -- What the provider wants to be reminded of.
  add column provider_data jsonb;

-- Money that buyers' banks take back; the status moves from needs_response on.
create table payment_disputes (
  dispute_id text primary key check (length(dispute_id) between 1 and 255),
  payment_id uuid not null references payments (id),
  amount_minor bigint not null check (amount_minor >= 0),
  currency char(3) not null,
  reason text not null,
  status text not null check (status in ('needs_response', 'under_review', 'won', 'lost')),
  opened_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index payment_disputes_payment on payment_disputes (payment_id);
create index payment_disputes_opened on payment_disputes (opened_at);
