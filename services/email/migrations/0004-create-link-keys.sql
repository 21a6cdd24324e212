-- What the links of mails are signed with. To end every link there is, delete the row and start the service again.
create table link_keys (
  id smallint primary key default 1 check (id = 1),
  key bytea not null,
  created_at timestamptz not null default now()
);
