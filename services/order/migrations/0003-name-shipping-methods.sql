alter table orders add column shipping_method_name text not null default '';
