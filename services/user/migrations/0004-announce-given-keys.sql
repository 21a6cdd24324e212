-- Public halves of signing keys that are given from outside (USER_SIGNING_KEYS): every replica tells the others which it has, since a file
-- that changes does not change for all of them at once. The private halves never come here.
create table announced_keys (
  kid text primary key,
  public_jwk jsonb not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null
);
