-- The audit asks what changed since its last look. Rows change soon after they are written, so ranges of pages tell it well
-- enough, and a write costs next to nothing.
create index checkouts_updated on checkouts using brin (updated_at) with (pages_per_range = 16, autosummarize = on);
