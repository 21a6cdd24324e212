-- The whole schema of email today, as its migrations make it. Written by npm run schemas.

create table link_keys (
  id smallint default 1 not null,
  key bytea not null,
  created_at timestamp with time zone default now() not null,
  constraint link_keys_pkey PRIMARY KEY (id),
  constraint link_keys_id_check CHECK ((id = 1))
);

create table mails (
  id uuid not null,
  order_id text not null,
  template text not null,
  part text default ''::text not null,
  recipient text not null,
  subject text not null,
  html text not null,
  text text not null,
  status text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  last_error text,
  created_at timestamp with time zone default now() not null,
  sent_at timestamp with time zone,
  forgotten_at timestamp with time zone,
  constraint mails_pkey PRIMARY KEY (id),
  constraint mails_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'sent'::text, 'kept'::text, 'failed'::text]))),
  constraint mails_subject_check CHECK ((subject !~ '[[:cntrl:]]'::text)),
  constraint mails_order_id_template_part_key UNIQUE (order_id, template, part)
);

CREATE INDEX mails_created ON public.mails USING brin (created_at) WITH (pages_per_range='16', autosummarize='on');

CREATE INDEX mails_kept ON public.mails USING btree (created_at) WHERE (forgotten_at IS NULL);

CREATE INDEX mails_of_order ON public.mails USING btree (order_id, id DESC);

CREATE INDEX mails_queued ON public.mails USING btree (next_attempt_at) WHERE (status = 'queued'::text);
