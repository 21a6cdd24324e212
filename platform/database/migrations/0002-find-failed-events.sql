-- The few events that wait for another try, for the order within their aggregate.
create index outbox_failed on outbox (subscriber, aggregate_id, sequence) where dead_at is null and attempts > 0;
create index outbox_dead on outbox (subscriber) where dead_at is not null;
-- For forgetting what was applied long ago.
create index inbox_applied on inbox (applied_at);
