-- The whole schema of example today, as its migrations make it. Written by npm run schemas.

create table gift_notes (
  note_id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  text text not null,
  order_id uuid,
  order_number text,
  attached_at timestamp with time zone,
  constraint gift_notes_pkey PRIMARY KEY (note_id),
  constraint gift_notes_text_check CHECK (((length(text) >= 1) AND (length(text) <= 300))),
  constraint gift_notes_order_id_key UNIQUE (order_id)
);

CREATE INDEX gift_notes_newest ON public.gift_notes USING btree (attached_at DESC) WHERE (order_id IS NOT NULL);

CREATE UNIQUE INDEX gift_notes_waiting ON public.gift_notes USING btree (user_id) WHERE (order_id IS NULL);
