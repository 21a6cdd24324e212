create table users (
  id uuid primary key,
  -- The one canonical form of the address.
  email text not null unique check (email = lower(email) and length(email) between 3 and 254),
  password_hash text not null,
  first_name text not null default '',
  last_name text not null default '',
  role text not null default 'customer' check (role in ('customer', 'admin')),
  disabled_at timestamptz,
  -- Tokens issued before this instant, and sessions begun before it, count no more.
  tokens_not_before timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index users_cut_off on users (tokens_not_before) where tokens_not_before is not null;
create index users_admins on users (id) where role = 'admin';

-- Whoever changes a role or disables an account ends its sessions, also when it is done by hand.
create function end_sessions_of_changed_user() returns trigger language plpgsql as $$
begin
  if new.tokens_not_before is not distinct from old.tokens_not_before
     and (new.role, new.disabled_at) is distinct from (old.role, old.disabled_at)
  then
    new.tokens_not_before := date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond';
  end if;
  return new;
end
$$;
create trigger users_end_sessions before update on users for each row execute function end_sessions_of_changed_user();

-- One for each sign-in: the family of refresh tokens that came from it.
create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index sessions_of_user on sessions (user_id);

-- One row for each pair of tokens given out; the refresh token itself is not kept.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  access_token_id uuid not null unique,
  issued_at timestamptz not null,
  access_expires_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index refresh_tokens_of_session on refresh_tokens (session_id);
create index refresh_tokens_by_expiry on refresh_tokens (expires_at);

create table revoked_tokens (
  token_id uuid primary key,
  expires_at timestamptz not null
);
create index revoked_tokens_by_expiry on revoked_tokens (expires_at);

-- Ed25519 keys, each published before it signs and kept until its last token has expired.
create table signing_keys (
  kid text primary key,
  private_key_pem text not null,
  public_jwk jsonb not null,
  signs_from timestamptz not null,
  created_at timestamptz not null
);
