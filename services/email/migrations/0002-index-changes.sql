-- The audit asks which mails are new since its last look.
create index mails_created on mails using brin (created_at) with (pages_per_range = 16, autosummarize = on);
