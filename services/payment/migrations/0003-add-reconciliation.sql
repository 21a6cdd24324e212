alter table provider.charges add column changed_at timestamptz not null default now();

create function provider.note_change() returns trigger language plpgsql as $$
begin
  new.changed_at := now();
  return new;
end $$;
create trigger charges_note_change before update of is_voided, captured_minor, refunded_minor on provider.charges
  for each row execute function provider.note_change();

-- What the provider's ledger and ours did not agree on: one row for each finding, kept for people to look into.
create table payment_differences (
  sequence bigint generated always as identity primary key,
  payment_id uuid not null,
  finding text not null check (finding in ('unknown_to_us', 'provider_ahead', 'unknown_to_provider', 'we_are_ahead')),
  ours jsonb,
  theirs jsonb,
  is_mended boolean not null,
  found_at timestamptz not null default now(),
  unique nulls not distinct (payment_id, finding, ours, theirs)
);
create index payment_differences_found on payment_differences (found_at);
create index payments_updated on payments (updated_at, id);
