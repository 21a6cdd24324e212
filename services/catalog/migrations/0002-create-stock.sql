create table stock (
  variant_id uuid primary key references product_variants,
  product_id uuid not null references products,
  on_hand bigint not null default 0 check (on_hand <= 1000000000),
  reserved bigint not null default 0,
  -- Demo goods only: the level to which they are filled up when they run low.
  top_up_to bigint check (top_up_to > 0),
  constraint stock_reserved_is_there check (0 <= reserved and reserved <= on_hand)
) with (fillfactor = 70);
create index stock_product on stock (product_id);

-- Every change of stock on hand, for ever; the sum of the changes is what is on hand.
create table stock_ledger (
  id bigint generated always as identity primary key,
  variant_id uuid not null references stock,
  change bigint not null check (change <> 0),
  reason text not null,
  actor text not null,
  reference text not null,
  at timestamptz not null default now()
);
create index stock_ledger_variant on stock_ledger (variant_id, id);

-- Tells the ledger, until the end of the transaction, why stock on hand is about to change.
create function tell_stock_reason(reason text, actor text, reference text) returns void language sql as $$
  select set_config('stoa.stock_reason', reason, true), set_config('stoa.stock_actor', actor, true),
         set_config('stoa.stock_reference', reference, true)
$$;

-- On hand cannot change without a ledger row: without a reason and an actor this fails, and the change with it.
create function write_stock_ledger() returns trigger language plpgsql as $$
declare
  before bigint := case when tg_op = 'INSERT' then 0 else old.on_hand end;
begin
  if new.on_hand <> before then
    insert into stock_ledger (variant_id, change, reason, actor, reference)
    values (new.variant_id, new.on_hand - before, nullif(current_setting('stoa.stock_reason', true), ''),
            nullif(current_setting('stoa.stock_actor', true), ''), coalesce(current_setting('stoa.stock_reference', true), ''));
  end if;
  return null;
end $$;

create trigger stock_to_ledger after insert or update of on_hand on stock
  for each row execute function write_stock_ledger();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Rows of % are never changed or deleted.', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger stock_ledger_is_for_ever before update or delete or truncate on stock_ledger
  for each statement execute function refuse_change();
-- A stock row that goes would take its history's meaning with it.
create trigger stock_stays before delete or truncate on stock for each statement execute function refuse_change();

create table stock_reservations (
  id text primary key check (length(id) between 1 and 128),
  status text not null check (status in ('held', 'committed', 'released', 'expired')),
  expires_at timestamptz not null,
  reason text not null default '',
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index stock_reservations_held on stock_reservations (expires_at) where status = 'held';

create table stock_reservation_lines (
  reservation_id text not null references stock_reservations on delete cascade,
  variant_id uuid not null references stock,
  quantity bigint not null check (quantity > 0),
  primary key (reservation_id, variant_id)
);
