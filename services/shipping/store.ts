import type { Queryable } from "#platform/database/db.ts";
import { reachableFrom, type ShipmentStatus } from "./parcel.ts";

export interface NewShipment {
  readonly orderId: string;
  readonly trackingNumber: string;
  readonly methodCode: string;
  readonly country: string;
  readonly address: unknown;
  readonly items: unknown;
  readonly estimatedDeliveryOn: Date;
}

/** Writes the parcel and its first event, unless the order has a parcel or was cancelled; true if it did. */
export async function insertShipment(db: Queryable, shipment: NewShipment): Promise<boolean> {
  const { orderId, trackingNumber, methodCode, country, address, items, estimatedDeliveryOn } = shipment;
  const inserted = await db.run(
    `with made as (
       insert into shipments (order_id, status, tracking_number, method_code, country, address, items, estimated_delivery_on)
       values ($1, 'label_created', $2, $3, $4, $5, $6, $7)
       on conflict (order_id) do nothing returning order_id)
     insert into shipment_events (order_id, status) select order_id, 'label_created' from made`,
    [
      orderId,
      trackingNumber,
      methodCode,
      country,
      JSON.stringify(address),
      JSON.stringify(items),
      estimatedDeliveryOn.toISOString().slice(0, 10),
    ],
  );
  return inserted === 1;
}

export interface ShipmentState {
  readonly status: ShipmentStatus;
  readonly trackingNumber: string | null;
}

export async function findShipment(db: Queryable, orderId: string): Promise<ShipmentState | undefined> {
  return await db.row<ShipmentState>(
    `select status, tracking_number as "trackingNumber" from shipments where order_id = $1`,
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

/** Cancels the parcel, or leaves a mark that bars one from being made later; true if either was still possible. */
export async function cancelShipment(db: Queryable, orderId: string): Promise<boolean> {
  const cancelled = await db.run(
    `with stopped as (
       insert into shipments (order_id, status) values ($1, 'cancelled')
       on conflict (order_id) do update set status = 'cancelled', updated_at = now()
       where shipments.status = any($2) returning order_id)
     insert into shipment_events (order_id, status) select order_id, 'cancelled' from stopped`,
    [orderId, reachableFrom.cancelled],
  );
  return cancelled === 1;
}

export interface TrackedShipment {
  readonly status: ShipmentStatus;
  readonly methodCode: string;
  readonly country: string;
  readonly estimatedDeliveryOn: string;
  readonly events: readonly { readonly status: ShipmentStatus; readonly at: string }[];
}

export async function findTrackedShipment(
  db: Queryable,
  trackingNumber: string,
): Promise<TrackedShipment | undefined> {
  return await db.row<TrackedShipment>(
    `select s.status, s.method_code as "methodCode", s.country, s.estimated_delivery_on::text as "estimatedDeliveryOn",
       (select json_agg(json_build_object('status', e.status, 'at', e.at) order by e.at)
        from shipment_events e where e.order_id = s.order_id) as events
     from shipments s where s.tracking_number = $1`,
    [trackingNumber],
  );
}
