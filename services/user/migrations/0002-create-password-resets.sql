-- New passwords that may be chosen; what the mail said is kept as a hash only. Used ones go at once, others after a while.
create table password_resets (
  token_hash bytea primary key,
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index password_resets_of_user on password_resets (user_id, created_at);
create index password_resets_by_expiry on password_resets (expires_at);
