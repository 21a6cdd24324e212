create table ads (
  id uuid primary key,
  text text not null check (length(text) between 1 and 200),
  -- A path on the shop's own origin.
  redirect_url text not null check (redirect_url ~ '^/([^/\\]|$)'),
  image_url text not null default '',
  context_keys text[] not null default '{}',
  is_active boolean not null default true,
  created_at timestamptz not null default now()
);

-- Counts outlive the ads they belong to.
create table ad_clicks (
  ad_id uuid not null,
  clicked_on date not null,
  clicks bigint not null check (clicks > 0),
  primary key (ad_id, clicked_on)
);
