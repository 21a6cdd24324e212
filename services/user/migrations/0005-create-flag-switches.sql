-- What admins have switched while the shop runs: every process of the shop hears of it here. `faults` is a flag, too.
create table flag_switches (
  name text primary key,
  value jsonb not null,
  share double precision not null default 1 check (share >= 0 and share <= 1),
  reason text not null,
  switched_by uuid not null,
  switched_at timestamptz not null
);
