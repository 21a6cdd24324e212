-- Any provider of the shop file may be in use, not only the bank. units_per_euro then holds, by currency code, how many units
-- are worth one and the same amount, whichever that is; where EUR is among them it is one euro.
alter table rate_snapshots drop constraint rate_snapshots_provider_check;
alter table rate_snapshots add constraint rate_snapshots_provider_check
  check (length(provider) between 1 and 40) not valid;
alter table rate_snapshots validate constraint rate_snapshots_provider_check;
