-- A carrier outside is asked after the row is written and before there is a number: until then the parcel is requested.
alter table shipments
  -- Who was asked; null where the shop draws its numbers itself.
  add column carrier text,
  -- As it was called when the parcel was made; null in rows of before, whose methods are those of the house.
  add column method_name text,
  -- When the carrier is to be told (again) that the parcel is cancelled; null when it need not be.
  add column cancel_due_at timestamptz,
  add column cancel_attempts integer not null default 0,
  -- When the carrier was last asked how far the parcel is.
  add column followed_at timestamptz;

alter table shipments drop constraint shipments_status_check;
alter table shipments drop constraint shipments_check;
alter table shipments add constraint shipments_status_check
  check (status in ('requested', 'label_created', 'in_transit', 'delivered', 'cancelled')) not valid;
alter table shipments add constraint shipments_check
  check (tracking_number is not null or status = 'cancelled' or (status = 'requested' and carrier is not null)) not valid;
alter table shipments validate constraint shipments_status_check;
alter table shipments validate constraint shipments_check;

create index shipments_cancel_due on shipments (cancel_due_at) where cancel_due_at is not null;
