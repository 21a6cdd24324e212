-- One parcel for each order. A row without a tracking number is the mark of an order cancelled before its parcel was made.
create table shipments (
  order_id uuid primary key,
  status text not null check (status in ('label_created', 'in_transit', 'delivered', 'cancelled')),
  tracking_number text unique,
  method_code text,
  country text,
  -- json, because it keeps whatever a foreign client sent.
  address json,
  items json,
  estimated_delivery_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (tracking_number is not null or status = 'cancelled')
);

create table shipment_events (
  order_id uuid not null references shipments (order_id),
  status text not null check (status in ('label_created', 'in_transit', 'delivered', 'cancelled')),
  at timestamptz not null default now(),
  -- A parcel passes each status once.
  primary key (order_id, status)
);
