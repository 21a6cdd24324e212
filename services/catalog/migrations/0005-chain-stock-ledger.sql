-- Each line says what was there after it: that the ledger is whole can be seen line by line, without summing it up.
alter table stock_ledger add column on_hand_after bigint;

create or replace function write_stock_ledger() returns trigger language plpgsql as $$
declare
  before bigint := case when tg_op = 'INSERT' then 0 else old.on_hand end;
begin
  if new.on_hand <> before then
    insert into stock_ledger (variant_id, change, on_hand_after, reason, actor, reference)
    values (new.variant_id, new.on_hand - before, new.on_hand, nullif(current_setting('stoa.stock_reason', true), ''),
            nullif(current_setting('stoa.stock_actor', true), ''), coalesce(current_setting('stoa.stock_reference', true), ''));
  end if;
  return null;
end $$;

-- What moved for one order, and what moved since the audit's last look.
create index stock_ledger_reference on stock_ledger (reference) where reference <> '';
create index stock_ledger_at on stock_ledger using brin (at) with (pages_per_range = 16, autosummarize = on);
