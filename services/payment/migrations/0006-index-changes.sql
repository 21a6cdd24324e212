-- The audit asks what changed since its last look. Most charges change soon after they are made, and an index on ranges of
-- pages leaves their updates as cheap as they are.
create index charges_changed on provider.charges using brin (changed_at) with (pages_per_range = 16, autosummarize = on);
