-- A variant is its id for ever, whatever it is called: carts, orders, reservations and the ledger speak of it. The seal tells whether it
-- is as it was last written with these rules in force.
alter table product_variants add column seal text;

create function seal_of_variant(sku text, options jsonb) returns text language sql immutable parallel safe as
$$ select md5(jsonb_build_array(sku, options)::text) $$;

update product_variants set seal = seal_of_variant(sku, options);

create function keep_variant() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.deleted_at is not null then
      raise exception 'Variant % was retired and stays what it was.', old.id using errcode = 'restrict_violation';
    end if;
    if new.id <> old.id or new.product_id <> old.product_id or (new.sku <> old.sku and new.options <> old.options) then
      raise exception 'Variant % cannot become another one.', old.id using errcode = 'restrict_violation';
    end if;
  end if;
  new.seal := seal_of_variant(new.sku, new.options);
  return new;
end $$;

create trigger variants_are_kept before insert or update on product_variants
  for each row execute function keep_variant();
create trigger variants_stay before delete or truncate on product_variants
  for each statement execute function refuse_change();
