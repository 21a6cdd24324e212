create table mails (
  -- Begins with the time it was made, so that ids sort by age.
  id uuid primary key,
  -- Text, because orders of the foreign contract have ids of any kind.
  order_id text not null,
  template text not null,
  -- What makes two mails of one template about one order different: the refund.
  part text not null default '',
  recipient text not null,
  subject text not null check (subject !~ '[[:cntrl:]]'),
  html text not null,
  text text not null,
  status text not null check (status in ('queued', 'sent', 'kept', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  unique (order_id, template, part)
);
create index mails_queued on mails (next_attempt_at) where status = 'queued';
create index mails_of_order on mails (order_id, id desc);
