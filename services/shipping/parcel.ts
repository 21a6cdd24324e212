// A parcel: what is in it, how it is named, which way its status may go. Pure.
import { invalid } from "#platform/kit/errors.ts";
import { randomCode } from "#platform/kit/ids.ts";

/** `requested` is between our writing it down and the carrier's answer; callers and customers never see it. */
export type ShipmentStatus = "requested" | "label_created" | "in_transit" | "delivered" | "cancelled";

/** The statuses from which a status may be reached; asking for one a parcel has already passed changes nothing. */
export const reachableFrom: { readonly [S in ShipmentStatus]: readonly ShipmentStatus[] } = {
  requested: [],
  label_created: ["requested"],
  in_transit: ["label_created"],
  delivered: ["label_created", "in_transit"],
  cancelled: ["requested", "label_created"],
};

const itemsMax = 500;
const quantityMax = 10_000n;

/** How many things are in the parcel. Throws `invalid` for a quantity below 1 and for what no parcel holds. */
export function countItems(items: readonly { readonly quantity: bigint }[]): bigint {
  if (items.length > itemsMax) throw invalid([{ path: "items", message: `must be at most ${itemsMax}` }]);
  return items.reduce((count, { quantity }, index) => {
    if (quantity < 1n || quantity > quantityMax)
      throw invalid([{ path: `items[${index}].quantity`, message: `must be from 1 to ${quantityMax}` }]);
    return count + quantity;
  }, 0n);
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const digits = "0123456789";

/**
 * A new tracking number in the shape clients of the foreign contract know: two letters, the length of the address and three
 * digits, half that length and seven digits. Very likely unique; the store makes sure.
 */
export function newTrackingNumber(address: { line1: string; city: string; region: string }): string {
  const length = Buffer.byteLength(`${address.line1}, ${address.city}, ${address.region}`);
  const [prefix, first, second] = [randomCode(2, letters), randomCode(3, digits), randomCode(7, digits)];
  return `${prefix}-${length}${first}-${Math.floor(length / 2)}${second}`;
}

/** Numbers typed by people: capitals, without spaces around. */
export function parseTrackingNumber(text: string): string | undefined {
  const number = text.trim().toUpperCase();
  return isTrackingNumber(number) ? number : undefined;
}

/** Whether a number has a form that the shop takes from carriers: 8 to 40 capitals, digits and hyphens. */
export function isTrackingNumber(number: string): boolean {
  return /^[A-Z0-9-]{8,40}$/.test(number);
}
