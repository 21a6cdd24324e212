-- A mail may be forgotten: what it said and whom it went to is gone, and that there was one, for which order and template, stays.
alter table mails add column forgotten_at timestamptz;
create index mails_kept on mails (created_at) where forgotten_at is null;
