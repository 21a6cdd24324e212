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

/**
 * Cancels the parcel, or leaves a mark that bars one from being made later; true if either was still possible. The carrier that was
 * asked is told by the job: at once, or where its label is still on its way, when nobody can be waiting for that any more.
 */
export async function cancelShipment(db: Queryable, orderId: string): Promise<boolean> {
  const cancelled = await db.run(
    `with stopped as (
       insert into shipments (order_id, status) values ($1, 'cancelled')
       on conflict (order_id) do update set status = 'cancelled', updated_at = now(),
         cancel_due_at = case when shipments.carrier is null then null when shipments.status = 'requested'
           then now() + interval '2 minutes' else now() end
       where shipments.status = any($2) returning order_id)
     insert into shipment_events (order_id, status) select order_id, 'cancelled' from stopped`,
    [orderId, reachableFrom.cancelled],
  );
  return cancelled === 1;
}

/** A label came for a parcel that is cancelled: the carrier is to be told now. */
export async function oweCancel(db: Queryable, orderId: string): Promise<void> {
  await db.run(
    `update shipments set cancel_due_at = now(), cancel_attempts = 0 where order_id = $1 and status = 'cancelled'`,
    [orderId],
  );
}

export interface OwedCancel {
  readonly orderId: string;
  readonly attempts: number;
}

/** Takes the cancel that waits longest. It comes up again by itself after half a minute, then one, and so on to six hours. */
export async function claimCancel(db: Queryable, carrier: string): Promise<OwedCancel | undefined> {
  return await db.row<OwedCancel>(
    `update shipments set cancel_attempts = cancel_attempts + 1,
       cancel_due_at = now() + make_interval(secs => least(30 * 2 ^ least(cancel_attempts, 10), 21600))
     where order_id = (select order_id from shipments where cancel_due_at <= now() and carrier = $1
       order by cancel_due_at limit 1 for update skip locked)
     returning order_id as "orderId", cancel_attempts as attempts`,
    [carrier],
  );
}

/** The carrier knows. A cancel that was owed anew meanwhile stays owed. */
export async function settleCancel(db: Queryable, { orderId, attempts }: OwedCancel): Promise<void> {
  await db.run("update shipments set cancel_due_at = null where order_id = $1 and cancel_attempts = $2", [
    orderId,
    attempts,
  ]);
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
