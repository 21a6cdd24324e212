import type { Queryable } from "#platform/database/db.ts";
import { reachableFrom, type ShipmentStatus } from "./parcel.ts";

export interface NewShipment {
  readonly orderId: string;
  /** The parcel is with the house when it has its number, and requested of the carrier when it has none. */
  readonly trackingNumber: string | null;
  readonly carrier: string | null;
  readonly methodCode: string;
  readonly methodName: string;
  readonly country: string;
  readonly address: unknown;
  readonly items: unknown;
  readonly estimatedDeliveryOn: Date;
}

/** Writes the parcel, and its first event if it has a number, unless the order has a parcel or was cancelled; true if it did. */
export async function insertShipment(db: Queryable, shipment: NewShipment): Promise<boolean> {
  const inserted = await db.row(
    `with made as (
       insert into shipments (order_id, status, tracking_number, carrier, method_code, method_name, country, address, items,
         estimated_delivery_on)
       values ($1, case when $2::text is null then 'requested' else 'label_created' end, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (order_id) do nothing returning order_id, status),
     told as (
       insert into shipment_events (order_id, status) select order_id, status from made where status = 'label_created')
     select 1 as made from made`,
    [
      shipment.orderId,
      shipment.trackingNumber,
      shipment.carrier,
      shipment.methodCode,
      shipment.methodName,
      shipment.country,
      JSON.stringify(shipment.address),
      JSON.stringify(shipment.items),
      shipment.estimatedDeliveryOn.toISOString().slice(0, 10),
    ],
  );
  return inserted !== undefined;
}

/** Records the carrier's answer to a parcel that was requested; true if it was still wanted. */
export async function recordLabel(db: Queryable, orderId: string, trackingNumber: string): Promise<boolean> {
  const recorded = await db.run(
    `with made as (
       update shipments set status = 'label_created', tracking_number = $2, updated_at = now()
       where order_id = $1 and status = any($3) returning order_id)
     insert into shipment_events (order_id, status) select order_id, 'label_created' from made`,
    [orderId, trackingNumber, reachableFrom.label_created],
  );
  return recorded === 1;
}

export interface ShipmentState {
  readonly status: ShipmentStatus;
  readonly trackingNumber: string | null;
  readonly carrier: string | null;
}

export async function findShipment(db: Queryable, orderId: string): Promise<ShipmentState | undefined> {
  return await db.row<ShipmentState>(
    `select status, tracking_number as "trackingNumber", carrier from shipments where order_id = $1`,
    [orderId],
  );
}

/** Moves the parcel on if its status allows; true if it did. */
export async function moveShipment(db: Queryable, orderId: string, status: ShipmentStatus): Promise<boolean> {
  const moved = await db.run(
    `with moved as (
       update shipments set status = $2, updated_at = now() where order_id = $1 and status = any($3) returning order_id)
     insert into shipment_events (order_id, status) select order_id, $2 from moved`,
    [orderId, status, reachableFrom[status]],
  );
  return moved === 1;
}

export interface StoppedShipment {
  /** Who was asked for its label. */
  readonly carrier: string | null;
  /** No label has come. */
  readonly isUnanswered: boolean;
}

/** Cancels the parcel, or leaves a mark that bars one from being made later; undefined when it cannot be stopped any more. */
export async function cancelShipment(db: Queryable, orderId: string): Promise<StoppedShipment | undefined> {
  return await db.row<StoppedShipment>(
    `with stopped as (
       insert into shipments (order_id, status) values ($1, 'cancelled')
       on conflict (order_id) do update set status = 'cancelled', updated_at = now()
       where shipments.status = any($2) returning order_id, carrier, tracking_number),
     told as (
       insert into shipment_events (order_id, status) select order_id, 'cancelled' from stopped)
     select carrier, tracking_number is null as "isUnanswered" from stopped`,
    [orderId, reachableFrom.cancelled],
  );
}

/** Forgets where parcels went that were at their end so many days ago; tells how many. The country stays, for tracking. */
export async function forgetSettledAddresses(db: Queryable, days: number, limit: number): Promise<number> {
  return await db.run(
    `update shipments set address = null where order_id in
       (select order_id from shipments where address is not null and status in ('delivered', 'cancelled')
          and updated_at < now() - make_interval(days => $1) order by updated_at limit $2)`,
    [days, limit],
  );
}

/** Which order to ask the carrier about, unless the parcel is at an end or somebody asked within the minute. */
export async function claimLook(
  db: Queryable,
  trackingNumber: string,
  carrier: string,
): Promise<string | undefined> {
  const row = await db.row<{ orderId: string }>(
    `update shipments set followed_at = now()
     where tracking_number = $1 and carrier = $2 and status in ('label_created', 'in_transit')
       and (followed_at is null or followed_at < now() - interval '1 minute')
     returning order_id as "orderId"`,
    [trackingNumber, carrier],
  );
  return row?.orderId;
}

export interface TrackedShipment {
  readonly status: ShipmentStatus;
  readonly methodCode: string;
  readonly methodName: string | null;
  readonly country: string;
  readonly estimatedDeliveryOn: string;
  readonly events: readonly { readonly status: ShipmentStatus; readonly at: string }[];
}

export async function findTrackedShipment(
  db: Queryable,
  trackingNumber: string,
): Promise<TrackedShipment | undefined> {
  return await db.row<TrackedShipment>(
    `select s.status, s.method_code as "methodCode", s.method_name as "methodName", s.country, s.estimated_delivery_on::text as "estimatedDeliveryOn",
       (select json_agg(json_build_object('status', e.status, 'at', e.at) order by e.at)
        from shipment_events e where e.order_id = s.order_id) as events
     from shipments s where s.tracking_number = $1`,
    [trackingNumber],
  );
}
