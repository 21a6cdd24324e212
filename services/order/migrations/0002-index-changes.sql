-- The audit asks what changed since its last look. The history only grows at its end, so ranges of pages tell it well enough.
create index order_history_at on order_history using brin (at) with (pages_per_range = 16, autosummarize = on);
create index order_refunds_settled on order_refunds (settled_at) where settled_at is not null;
