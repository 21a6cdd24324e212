-- Files of FILES_PROVIDER=database: bytes under a name that is made from them, so a row is written once and never changed.
create table files (
  name text collate "C" primary key check (name ~ '^[0-9a-f]{64}\.[a-z0-9]{1,8}$'),
  media_type text not null,
  content bytea not null check (octet_length(content) between 1 and 1048576),
  stored_at timestamptz not null default now()
);
-- Pictures are packed already.
alter table files alter column content set storage external;
