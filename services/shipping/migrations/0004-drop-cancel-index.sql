-- Carriers are told of cancelled parcels by tasks. The columns stay as long as processes of the release before write them.
drop index shipments_cancel_due;
comment on column shipments.cancel_due_at is 'Written by the release before tasks, and read by nobody.';
comment on column shipments.cancel_attempts is 'Written by the release before tasks, and read by nobody.';
