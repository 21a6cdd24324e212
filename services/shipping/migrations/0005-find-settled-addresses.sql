-- no transaction: parcels are made and moved while the index is
create index concurrently if not exists shipments_settled_addresses on shipments (updated_at)
  where address is not null and status in ('delivered', 'cancelled');
