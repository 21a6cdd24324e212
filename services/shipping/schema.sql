-- The whole schema of shipping today, as its migrations make it. Written by npm run schemas.

create table shipment_events (
  order_id uuid not null,
  status text not null,
  at timestamp with time zone default now() not null,
  constraint shipment_events_pkey PRIMARY KEY (order_id, status),
  constraint shipment_events_status_check CHECK ((status = ANY (ARRAY['label_created'::text, 'in_transit'::text, 'delivered'::text, 'cancelled'::text]))),
  constraint shipment_events_order_id_fkey FOREIGN KEY (order_id) REFERENCES shipments(order_id)
);

create table shipments (
  order_id uuid not null,
  status text not null,
  tracking_number text,
  method_code text,
  country text,
  address json,
  items json,
  estimated_delivery_on date,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  carrier text,
  method_name text,
  cancel_due_at timestamp with time zone,
  cancel_attempts integer default 0 not null,
  followed_at timestamp with time zone,
  constraint shipments_pkey PRIMARY KEY (order_id),
  constraint shipments_check CHECK (((tracking_number IS NOT NULL) OR (status = 'cancelled'::text) OR ((status = 'requested'::text) AND (carrier IS NOT NULL)))),
  constraint shipments_status_check CHECK ((status = ANY (ARRAY['requested'::text, 'label_created'::text, 'in_transit'::text, 'delivered'::text, 'cancelled'::text]))),
  constraint shipments_tracking_number_key UNIQUE (tracking_number)
);

CREATE INDEX shipment_events_at ON public.shipment_events USING brin (at) WITH (pages_per_range='16', autosummarize='on');

CREATE INDEX shipments_settled_addresses ON public.shipments USING btree (updated_at) WHERE ((address IS NOT NULL) AND (status = ANY (ARRAY['delivered'::text, 'cancelled'::text])));
