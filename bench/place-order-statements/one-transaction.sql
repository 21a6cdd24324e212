-- Written by bench/write-statements.ts from what the services ran for one order; do not edit.
\set i :i + 1
\set order :base + :client_id * 1000000 + :i
\set product 1 + 2 * ((:i + :client_id) % 24)
begin;
select c.id, c.user_id as "userId", c.payment_id as "paymentId", c.status, c.purchase, c.outcome,
  c.presentation, c.wait_until as "waitUntil", k.request_hash as "messageHash", k.versioned_hash as "versionedHash"
     from idempotency_keys k join checkouts c on c.id = k.checkout_id
     where k.user_id = (lpad(to_hex(:order::bigint * 16 + 0), 32, '0'))::uuid and k.key = (lpad(to_hex(:order::bigint * 16 + 1), 32, '0'))::text;
select version, expires_at as "expiresAt", lines from read_cart((lpad(to_hex(:order::bigint * 16 + 0), 32, '0'))::uuid);
select 
  p.id, p.code, p.slug, p.name, p.description, p.price_minor as "priceMinor", p.currency_code as "currencyCode",
  p.category, p.image_url as "imageUrl", p.attributes, p.created_at as "createdAt", p.updated_at as "updatedAt",
  (select array_agg(category.slug order by membership.position)
   from product_categories as membership join categories as category on category.id = membership.category_id
   where membership.product_id = p.id) as categories,
  (select jsonb_agg(jsonb_build_object('id', variant.id, 'sku', variant.sku, 'options', variant.options,
                                       'priceMinor', variant.price_minor, 'stock', stock.on_hand - stock.reserved)
                    order by variant.position)
   from product_variants as variant join stock on stock.variant_id = variant.id
   where variant.product_id = p.id and variant.deleted_at is null) as variants from products as p
     where (p.id = any (('{' || lpad(to_hex(:product::bigint + 0), 32, '0') || ',' || lpad(to_hex(:product::bigint + 1), 32, '0') || '}')::uuid[]::uuid[]) or p.code = any (('{}')::text[]::text[]) or p.slug = any (('{}')::text[]::text[])) and p.deleted_at is null;
with intent as (
       insert into checkouts (id, user_id, payment_id, cart_version, status, purchase, owner, lease_until, presentation,
         wait_until)
       values ((lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid, (lpad(to_hex(:order::bigint * 16 + 0), 32, '0'))::uuid, (lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid, ('1795639141439')::bigint, 'running', ('{"tax": {"minor": "0n", "currencyCode": "USD"}, "email": "ada@example.com", "lines": [{"name": "Harbour Sunglasses, ink", "quantity": 1, "subtotal": {"minor": "1999n", "currencyCode": "USD"}, "productId": "' || lpad(to_hex(:product::bigint + 0), 32, '0') || '", "unitPrice": {"minor": "1999n", "currencyCode": "USD"}, "variantId": "' || lpad(to_hex(:product::bigint + 0), 32, '0') || '", "productCode": "OLJCESPC7Z"}, {"name": "Weekday Handbag, cocoa", "quantity": 2, "subtotal": {"minor": "16800n", "currencyCode": "USD"}, "productId": "' || lpad(to_hex(:product::bigint + 1), 32, '0') || '", "unitPrice": {"minor": "8400n", "currencyCode": "USD"}, "variantId": "' || lpad(to_hex(:product::bigint + 1), 32, '0') || '", "productCode": "CV93HKR4Y6"}], "total": {"minor": "19698n", "currencyCode": "USD"}, "userId": "' || lpad(to_hex(:order::bigint * 16 + 0), 32, '0') || '", "address": {"city": "New York", "line1": "1 Analytical Way", "line2": "", "region": "NY", "country": "US", "freeText": false, "fullName": "Ada Lovelace", "postalCode": "10001"}, "discount": {"minor": "0n", "currencyCode": "USD"}, "subtotal": {"minor": "18799n", "currencyCode": "USD"}, "cartVersion": "1795639141439n", "currencyCode": "USD", "shippingCost": {"minor": "899n", "currencyCode": "USD"}, "rateSnapshotId": "", "shippingMethodCode": "standard"}')::jsonb, ('01a2146e-d9fa-79c6-acfb-405caba458d0')::text, now() + make_interval(secs => ('5')::double precision), null::text, null::timestamp with time zone)
       on conflict (user_id, cart_version) where cart_version is not null and status <> 'refused' do nothing
       returning id, user_id
     ), claim as (
       insert into idempotency_keys (user_id, key, request_hash, versioned_hash, checkout_id)
       select intent.user_id, (lpad(to_hex(:order::bigint * 16 + 1), 32, '0'))::text, ('Wl1' || :order)::text, ('v1.j57TYxT6akuOclOb1Zxo1EThZLuiqMQotMqVSq-8Iiw')::text, intent.id from intent where (lpad(to_hex(:order::bigint * 16 + 1), 32, '0'))::text::text is not null
     )
     select id from intent;
select outcome, expires_at as "expiresAt", shortage from reserve_stock((lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::text, ('{' || lpad(to_hex(:product::bigint + 0), 32, '0') || ',' || lpad(to_hex(:product::bigint + 1), 32, '0') || '}')::uuid[]::uuid[], ('{1,2}')::bigint[]::bigint[], ('900')::integer);
with made as (
       insert into orders (id, order_number, user_id, email, status, currency, currency_decimals, subtotal_minor, discount_minor,
         shipping_minor, tax_minor, total_minor, shipping_address, shipping_method_code, rate_snapshot_id, payment_id)
       values ((lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid, ('S-V' || :order)::text, (lpad(to_hex(:order::bigint * 16 + 0), 32, '0'))::uuid, ('ada@example.com')::text, 'pending', ('USD')::bpchar, ('2')::smallint, ('18799')::bigint, ('0')::bigint, ('899')::bigint, ('0')::bigint, ('19698')::bigint, ('{"city": "New York", "line1": "1 Analytical Way", "line2": "", "region": "NY", "country": "US", "freeText": false, "fullName": "Ada Lovelace", "postalCode": "10001"}')::jsonb, ('standard')::text, ('')::text, (lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid)
       on conflict (id) do nothing returning id, created_at, updated_at),
     listed as (
       insert into order_items (id, order_id, line_number, product_id, variant_id, product_code, name, quantity,
         currency_decimals, price_minor, subtotal_minor)
       select i.id, made.id, i."lineNumber", i."productId", i."variantId", i."productCode", i.name, i.quantity, ('2')::smallint,
         i."priceMinor", i."subtotalMinor"
       from made, jsonb_to_recordset(('[{"id": "' || lpad(to_hex(:order::bigint * 16 + 4), 32, '0') || '", "name": "Harbour Sunglasses, ink", "quantity": 1, "productId": "' || lpad(to_hex(:product::bigint + 0), 32, '0') || '", "variantId": "' || lpad(to_hex(:product::bigint + 0), 32, '0') || '", "lineNumber": 1, "priceMinor": "1999", "productCode": "OLJCESPC7Z", "subtotalMinor": "1999"}, {"id": "' || lpad(to_hex(:order::bigint * 16 + 5), 32, '0') || '", "name": "Weekday Handbag, cocoa", "quantity": 2, "productId": "' || lpad(to_hex(:product::bigint + 1), 32, '0') || '", "variantId": "' || lpad(to_hex(:product::bigint + 1), 32, '0') || '", "lineNumber": 2, "priceMinor": "8400", "productCode": "CV93HKR4Y6", "subtotalMinor": "16800"}]')::jsonb) as i (id uuid, "lineNumber" smallint, "productId" uuid, "variantId" uuid,
         "productCode" text, name text, quantity integer, "priceMinor" bigint, "subtotalMinor" bigint)),
     noted as (
       insert into order_history (order_id, to_status, actor) select id, 'pending', ('checkout')::text from made)
     select created_at as "createdAt", updated_at as "updatedAt" from made;
insert into provider.charges (key, order_id, is_authorized, decline_reason, amount_minor, currency, brand, last4,
         expiry_month, expiry_year)
       values ((lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid, (lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid, null::text::text is null, null::text, ('19698')::bigint, ('USD')::bpchar, ('visa')::text, ('4242')::text, ('12')::smallint, ('2035')::smallint)
       on conflict (key) do nothing returning key, order_id as "orderId", is_authorized as "isAuthorized", is_voided as "isVoided",
  decline_reason as "declineReason", amount_minor as "amountMinor", currency, captured_minor as "capturedMinor",
  brand, last4, expiry_month as "expiryMonth", expiry_year as "expiryYear",
  (select coalesce(jsonb_agg(jsonb_build_object('key', refund_key, 'amountMinor', amount_minor::text)), '[]')
   from provider.refunds where refunds.key = charges.key) as refunds;
select id, order_id as "orderId",
  case when status = 'none' and begun_at is not null then 'needs_action' else status end as status, amount_minor as "amountMinor", currency, captured_minor as "capturedMinor",
  refunded_minor as "refundedMinor", brand, last4, decline_reason as "declineReason",
  cancel_requested_at is not null as "isCancelRequested", cancelled_at is not null as "isCancelled", provider, session, provider_data as data from record_provider_state((lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid, (lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid, ('t')::boolean, ('f')::boolean, null::text, ('19698')::bigint, ('USD')::bpchar, ('0')::bigint, ('visa')::text, ('4242')::text, ('12')::smallint, ('2035')::smallint, ('[]')::jsonb);
select outcome, shortage from commit_reservation((lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::text, ('checkout')::text);
select id, order_id as "orderId",
  case when status = 'none' and begun_at is not null then 'needs_action' else status end as status, amount_minor as "amountMinor", currency, captured_minor as "capturedMinor",
  refunded_minor as "refundedMinor", brand, last4, decline_reason as "declineReason",
  cancel_requested_at is not null as "isCancelRequested", cancelled_at is not null as "isCancelled", provider, session, provider_data as data from payments where id = (lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid;
update provider.charges set captured_minor = ('19698')::bigint
       where key = (lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid and amount_minor >= ('19698')::bigint and is_authorized and not is_voided and captured_minor = 0
       returning key, order_id as "orderId", is_authorized as "isAuthorized", is_voided as "isVoided",
  decline_reason as "declineReason", amount_minor as "amountMinor", currency, captured_minor as "capturedMinor",
  brand, last4, expiry_month as "expiryMonth", expiry_year as "expiryYear",
  (select coalesce(jsonb_agg(jsonb_build_object('key', refund_key, 'amountMinor', amount_minor::text)), '[]')
   from provider.refunds where refunds.key = charges.key) as refunds;
select id, order_id as "orderId",
  case when status = 'none' and begun_at is not null then 'needs_action' else status end as status, amount_minor as "amountMinor", currency, captured_minor as "capturedMinor",
  refunded_minor as "refundedMinor", brand, last4, decline_reason as "declineReason",
  cancel_requested_at is not null as "isCancelRequested", cancelled_at is not null as "isCancelled", provider, session, provider_data as data from record_provider_state((lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid, (lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid, ('t')::boolean, ('f')::boolean, null::text, ('19698')::bigint, ('USD')::bpchar, ('19698')::bigint, ('visa')::text, ('4242')::text, ('12')::smallint, ('2035')::smallint, ('[]')::jsonb);
with known as (
       select id, status from orders where id = (lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid and status = any(('{pending}')::text[]) and abandoned_at is null for update),
     o as (
       update orders set status = ('processing')::text, updated_at = now(), payment_id = coalesce((lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid, payment_id),
         payment_status = case when (lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid::uuid is null then payment_status else 'captured' end,
         payment_brand = coalesce(('visa')::text, payment_brand), payment_last4 = coalesce(('4242')::text, payment_last4),
         captured_minor = case when (lpad(to_hex(:order::bigint * 16 + 3), 32, '0'))::uuid::uuid is null then captured_minor else total_minor end
       from known where orders.id = known.id returning orders.*, known.status as from_status),
     noted as (
       insert into order_history (order_id, from_status, to_status, actor, reason)
       select id, from_status, ('processing')::text, ('checkout')::text, ('')::text from o)
     select o.id, o.order_number as "orderNumber", o.user_id as "userId", o.email, o.status, o.currency,
  o.subtotal_minor as "subtotalMinor", o.discount_minor as "discountMinor", o.shipping_minor as "shippingMinor",
  o.tax_minor as "taxMinor", o.total_minor as "totalMinor", o.shipping_address as "shippingAddress",
  o.shipping_method_code as "shippingMethodCode", o.rate_snapshot_id as "rateSnapshotId", o.payment_id as "paymentId",
  o.tracking_number as "trackingNumber", o.payment_status as "paymentStatus", o.payment_brand as "paymentBrand",
  o.payment_last4 as "paymentLast4", o.captured_minor as "capturedMinor", o.refunded_minor as "refundedMinor",
  o.confirmed_at is not null as "isConfirmed", o.abandoned_at is not null as "isAbandoned",
  o.created_at as "createdAt", o.updated_at as "updatedAt",
  (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'productId', i.product_id, 'variantId', i.variant_id,
     'productCode', i.product_code, 'name', i.name, 'quantity', i.quantity, 'priceMinor', i.price_minor::text,
     'subtotalMinor', i.subtotal_minor::text) order by i.line_number), '[]')
   from order_items i where i.order_id = o.id) as items from o;
with made as (
       insert into shipments (order_id, status, tracking_number, carrier, method_code, method_name, country, address, items,
         estimated_delivery_on)
       values ((lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid, case when ('GN-' || :order)::text::text is null then 'requested' else 'label_created' end, ('GN-' || :order)::text, null::text, ('standard')::text, ('Standard shipping')::text, ('US')::text, ('{"fullName":"Ada Lovelace","line1":"1 Analytical Way","line2":"","city":"New York","region":"NY","postalCode":"10001","country":"US","freeText": false}')::json, ('[{"productId":"' || lpad(to_hex(:product::bigint + 0), 32, '0') || '","variantId":"' || lpad(to_hex(:product::bigint + 0), 32, '0') || '","quantity":1},{"productId":"' || lpad(to_hex(:product::bigint + 1), 32, '0') || '","variantId":"' || lpad(to_hex(:product::bigint + 1), 32, '0') || '","quantity":2}]')::json, ('2026-12-02')::date)
       on conflict (order_id) do nothing returning order_id, status),
     told as (
       insert into shipment_events (order_id, status) select order_id, status from made where status = 'label_created')
     select 1 as made from made;
with o as (
       update orders set confirmed_at = now(), updated_at = now(), tracking_number = ('GN-' || :order)::text
       where id = (lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid and confirmed_at is null and abandoned_at is null and status not in ('pending', 'cancelled') returning *)
     select o.id, o.order_number as "orderNumber", o.user_id as "userId", o.email, o.status, o.currency,
  o.subtotal_minor as "subtotalMinor", o.discount_minor as "discountMinor", o.shipping_minor as "shippingMinor",
  o.tax_minor as "taxMinor", o.total_minor as "totalMinor", o.shipping_address as "shippingAddress",
  o.shipping_method_code as "shippingMethodCode", o.rate_snapshot_id as "rateSnapshotId", o.payment_id as "paymentId",
  o.tracking_number as "trackingNumber", o.payment_status as "paymentStatus", o.payment_brand as "paymentBrand",
  o.payment_last4 as "paymentLast4", o.captured_minor as "capturedMinor", o.refunded_minor as "refundedMinor",
  o.confirmed_at is not null as "isConfirmed", o.abandoned_at is not null as "isAbandoned",
  o.created_at as "createdAt", o.updated_at as "updatedAt",
  (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'productId', i.product_id, 'variantId', i.variant_id,
     'productCode', i.product_code, 'name', i.name, 'quantity', i.quantity, 'priceMinor', i.price_minor::text,
     'subtotalMinor', i.subtotal_minor::text) order by i.line_number), '[]')
   from order_items i where i.order_id = o.id) as items from o;
insert into orders.tasks (name, key, lane, payload, traceparent)
     select name, (lpad(to_hex(:order::bigint * 16 + 6), 32, '0'))::text, (lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::text, ('{"topic": "order.placed", "payload": {"order": {"id": "' || lpad(to_hex(:order::bigint * 16 + 2), 32, '0') || '", "tax": {"currencyCode": "USD"}, "email": "ada@example.com", "items": [{"id": "' || lpad(to_hex(:order::bigint * 16 + 4), 32, '0') || '", "name": "Harbour Sunglasses, ink", "price": {"minor": "1999", "currencyCode": "USD"}, "quantity": 1, "subtotal": {"minor": "1999", "currencyCode": "USD"}, "productId": "' || lpad(to_hex(:product::bigint + 0), 32, '0') || '", "variantId": "' || lpad(to_hex(:product::bigint + 0), 32, '0') || '", "productCode": "OLJCESPC7Z"}, {"id": "' || lpad(to_hex(:order::bigint * 16 + 5), 32, '0') || '", "name": "Weekday Handbag, cocoa", "price": {"minor": "8400", "currencyCode": "USD"}, "quantity": 2, "subtotal": {"minor": "16800", "currencyCode": "USD"}, "productId": "' || lpad(to_hex(:product::bigint + 1), 32, '0') || '", "variantId": "' || lpad(to_hex(:product::bigint + 1), 32, '0') || '", "productCode": "CV93HKR4Y6"}], "status": "processing", "userId": "' || lpad(to_hex(:order::bigint * 16 + 0), 32, '0') || '", "payment": {"id": "' || lpad(to_hex(:order::bigint * 16 + 3), 32, '0') || '", "brand": "visa", "last4": "4242", "status": "captured", "refunded": {"currencyCode": "USD"}}, "discount": {"currencyCode": "USD"}, "subtotal": {"minor": "18799", "currencyCode": "USD"}, "createdAt": "2026-11-25T20:39:04.893Z", "updatedAt": "2026-11-25T20:39:05.084Z", "orderNumber": "' || 'S-V' || :order || '", "totalAmount": {"minor": "19698", "currencyCode": "USD"}, "currencyCode": "USD", "shippingCost": {"minor": "899", "currencyCode": "USD"}, "trackingNumber": "' || 'GN-' || :order || '", "shippingAddress": {"city": "New York", "line1": "1 Analytical Way", "region": "NY", "country": "US", "fullName": "Ada Lovelace", "postalCode": "10001"}, "shippingMethodCode": "standard"}}, "version": 1}')::jsonb, ('00-' || :order)::text from unnest(('{deliver-to-email,deliver-to-recommendation}')::text[]::text[]) as name;
select consume_cart((lpad(to_hex(:order::bigint * 16 + 0), 32, '0'))::uuid, (lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid, ('{' || lpad(to_hex(:product::bigint + 0), 32, '0') || ',' || lpad(to_hex(:product::bigint + 1), 32, '0') || '}')::uuid[], ('{1,2}')::integer[], ('2026-11-25 20:39:05.104+00')::timestamp with time zone, ('2026-12-02 20:39:05.104+00')::timestamp with time zone);
update checkouts set status = ('completed')::text, outcome = ('{"order": {"id": "' || lpad(to_hex(:order::bigint * 16 + 2), 32, '0') || '", "tax": {"currencyCode": "USD"}, "email": "ada@example.com", "items": [{"id": "' || lpad(to_hex(:order::bigint * 16 + 4), 32, '0') || '", "name": "Harbour Sunglasses, ink", "price": {"minor": "1999", "currencyCode": "USD"}, "quantity": 1, "subtotal": {"minor": "1999", "currencyCode": "USD"}, "productId": "' || lpad(to_hex(:product::bigint + 0), 32, '0') || '", "variantId": "' || lpad(to_hex(:product::bigint + 0), 32, '0') || '", "productCode": "OLJCESPC7Z"}, {"id": "' || lpad(to_hex(:order::bigint * 16 + 5), 32, '0') || '", "name": "Weekday Handbag, cocoa", "price": {"minor": "8400", "currencyCode": "USD"}, "quantity": 2, "subtotal": {"minor": "16800", "currencyCode": "USD"}, "productId": "' || lpad(to_hex(:product::bigint + 1), 32, '0') || '", "variantId": "' || lpad(to_hex(:product::bigint + 1), 32, '0') || '", "productCode": "CV93HKR4Y6"}], "status": "processing", "userId": "' || lpad(to_hex(:order::bigint * 16 + 0), 32, '0') || '", "payment": {"id": "' || lpad(to_hex(:order::bigint * 16 + 3), 32, '0') || '", "brand": "visa", "last4": "4242", "status": "captured", "refunded": {"currencyCode": "USD"}}, "discount": {"currencyCode": "USD"}, "subtotal": {"minor": "18799", "currencyCode": "USD"}, "createdAt": "2026-11-25T20:39:04.893Z", "updatedAt": "2026-11-25T20:39:05.084Z", "orderNumber": "' || 'S-V' || :order || '", "totalAmount": {"minor": "19698", "currencyCode": "USD"}, "currencyCode": "USD", "shippingCost": {"minor": "899", "currencyCode": "USD"}, "trackingNumber": "' || 'GN-' || :order || '", "shippingAddress": {"city": "New York", "line1": "1 Analytical Way", "region": "NY", "country": "US", "fullName": "Ada Lovelace", "postalCode": "10001"}, "shippingMethodCode": "standard"}}')::jsonb, updated_at = now()
     where id = (lpad(to_hex(:order::bigint * 16 + 2), 32, '0'))::uuid and (status = 'running' or (status = 'undoing' and ('completed')::text = 'refused'));
commit;
