-- Guests who signed in. Orders they had begun by then are the account's, also those that are written only now.
create table guest_claims (
  guest_id uuid primary key,
  user_id uuid not null,
  -- The highest id that an order begun by then can have.
  begun_until uuid not null,
  claimed_at timestamptz not null default now()
);
create index guest_claims_age on guest_claims (claimed_at);

-- The part of an order's history that tells whose it was.
create table order_owner_changes (
  sequence bigint generated always as identity primary key,
  order_id uuid not null references orders (id),
  from_user_id uuid not null,
  to_user_id uuid not null,
  status text not null,
  at timestamptz not null default now()
);
create index order_owner_changes_order on order_owner_changes (order_id, sequence);
create trigger order_owner_changes_append_only before update or delete or truncate on order_owner_changes
  for each statement execute function refuse_change();

create or replace function keep_order_amounts() returns trigger language plpgsql as $$
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
end $$;
