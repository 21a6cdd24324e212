-- The audit asks what changed since its last look. Events only grow at their end, so ranges of pages tell it well enough.
create index shipment_events_at on shipment_events using brin (at) with (pages_per_range = 16, autosummarize = on);
