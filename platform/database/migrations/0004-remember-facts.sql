-- What the shop must not be started otherwise with once a service has data: its base currency.
create table facts (
  name text primary key,
  value text not null,
  recorded_at timestamptz not null default now()
);
-- A database that a program without this table worked on belongs to a shop in dollars, because in no other base currency could
-- anything be bought. A service whose rows say better corrects it in a migration of its own.
insert into facts (name, value)
  select 'base_currency', 'USD' where exists (select from schema_migrations where scope <> 'platform');
