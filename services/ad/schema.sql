-- The whole schema of ad today, as its migrations make it. Written by npm run schemas.

create table ad_clicks (
  ad_id uuid not null,
  clicked_on date not null,
  clicks bigint not null,
  constraint ad_clicks_pkey PRIMARY KEY (ad_id, clicked_on),
  constraint ad_clicks_clicks_check CHECK ((clicks > 0))
);

create table ads (
  id uuid not null,
  text text not null,
  redirect_url text not null,
  image_url text default ''::text not null,
  context_keys text[] default '{}'::text[] not null,
  is_active boolean default true not null,
  created_at timestamp with time zone default now() not null,
  constraint ads_pkey PRIMARY KEY (id),
  constraint ads_redirect_url_check CHECK ((redirect_url ~ '^/([^/\\]|$)'::text)),
  constraint ads_text_check CHECK (((length(text) >= 1) AND (length(text) <= 200)))
);
