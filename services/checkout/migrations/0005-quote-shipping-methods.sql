-- Empty in quotes of the release before: those are for the cheapest.
alter table quotes add column shipping_method_code text not null default '';
