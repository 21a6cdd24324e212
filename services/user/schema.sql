-- The whole schema of user today, as its migrations make it. Written by npm run schemas.

CREATE OR REPLACE FUNCTION public.end_sessions_of_changed_user()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.tokens_not_before is not distinct from old.tokens_not_before
     and (new.role, new.disabled_at) is distinct from (old.role, old.disabled_at)
  then
    new.tokens_not_before := date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond';
  end if;
  return new;
end
$function$;

create table announced_keys (
  kid text not null,
  public_jwk jsonb not null,
  first_seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  constraint announced_keys_pkey PRIMARY KEY (kid)
);

create table flag_switches (
  name text not null,
  value jsonb not null,
  share double precision default 1 not null,
  reason text not null,
  switched_by uuid not null,
  switched_at timestamp with time zone not null,
  constraint flag_switches_pkey PRIMARY KEY (name),
  constraint flag_switches_share_check CHECK (((share >= (0)::double precision) AND (share <= (1)::double precision)))
);

create table password_resets (
  token_hash bytea not null,
  user_id uuid not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint password_resets_pkey PRIMARY KEY (token_hash),
  constraint password_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table refresh_tokens (
  token_hash bytea not null,
  session_id uuid not null,
  access_token_id uuid not null,
  issued_at timestamp with time zone not null,
  access_expires_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  replaces bytea,
  constraint refresh_tokens_pkey PRIMARY KEY (token_hash),
  constraint refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE,
  constraint refresh_tokens_access_token_id_key UNIQUE (access_token_id)
);

create table revoked_tokens (
  token_id uuid not null,
  expires_at timestamp with time zone not null,
  constraint revoked_tokens_pkey PRIMARY KEY (token_id)
);

create table sessions (
  id uuid not null,
  user_id uuid not null,
  created_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table signing_keys (
  kid text not null,
  private_key_pem text not null,
  public_jwk jsonb not null,
  signs_from timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint signing_keys_pkey PRIMARY KEY (kid)
);

create table users (
  id uuid not null,
  email text not null,
  password_hash text not null,
  first_name text default ''::text not null,
  last_name text default ''::text not null,
  role text default 'customer'::text not null,
  disabled_at timestamp with time zone,
  tokens_not_before timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_email_check CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 254)))),
  constraint users_role_check CHECK ((role = ANY (ARRAY['customer'::text, 'admin'::text]))),
  constraint users_email_key UNIQUE (email)
);

CREATE INDEX password_resets_by_expiry ON public.password_resets USING btree (expires_at);

CREATE INDEX password_resets_of_user ON public.password_resets USING btree (user_id, created_at);

CREATE INDEX refresh_tokens_by_expiry ON public.refresh_tokens USING btree (expires_at);

CREATE INDEX refresh_tokens_of_session ON public.refresh_tokens USING btree (session_id);

CREATE INDEX revoked_tokens_by_expiry ON public.revoked_tokens USING btree (expires_at);

CREATE INDEX sessions_of_user ON public.sessions USING btree (user_id);

CREATE INDEX users_admins ON public.users USING btree (id) WHERE (role = 'admin'::text);

CREATE INDEX users_cut_off ON public.users USING btree (tokens_not_before) WHERE (tokens_not_before IS NOT NULL);

CREATE TRIGGER users_end_sessions BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION end_sessions_of_changed_user();
