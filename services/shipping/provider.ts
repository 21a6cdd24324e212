// The shipping port: what sending costs, and who carries the parcels.
import { definePort } from "#platform/kit/extension.ts";
import type { Money } from "#platform/kit/money.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import type { AddressFields } from "./address.ts";

export type { AddressFields } from "./address.ts";

/** What is to be sent, and where. */
export interface Parcel {
  /** Absent means an address in the country that parcels leave from. Sound, unless `freeText` says that nobody checked it. */
  readonly address: AddressFields | undefined;
  /** Without things in it, nothing costs anything. */
  readonly items: readonly ParcelThing[];
}

export interface ParcelThing {
  readonly productId: string;
  readonly variantId: string;
  readonly quantity: bigint;
}

/** A way to send a parcel, and its price now. */
export interface ShippingMethod {
  /** Stable: checkout names the method of an order by it. */
  readonly code: string;
  /** For people. */
  readonly name: string;
  /** In the currency of the shop, never negative. */
  readonly cost: Money;
  /** Working days. */
  readonly estimatedDays: number;
}

export interface ShippingProvider {
  /**
   * The ways to send the parcel, at least one, in any order. Asked for every quote and again when the parcel is made, so the same
   * parcel must have the same methods at the same cost for a while: a changed cost is shown to the buyer as a changed quote.
   * Rejects with an AppError (`unavailable`) when nobody can tell now.
   */
  quoteMethods(parcel: Parcel, call: CallOptions): Promise<readonly ShippingMethod[]>;
  /** Who makes labels and knows where parcels are. Without one, the shop draws the tracking numbers itself and staff move parcels on. */
  readonly carrier?: Carrier;
}

/** What is asked of a carrier. */
export interface LabelRequest {
  /** The key: however often it is asked, there is one label for each order. */
  readonly orderId: string;
  readonly address: AddressFields;
  readonly items: readonly ParcelThing[];
  readonly methodCode: string;
}

export interface Label {
  /** 8 to 40 capitals, digits and hyphens; no other parcel has it. */
  readonly trackingNumber: string;
  readonly status: "label_created" | "in_transit" | "delivered" | "cancelled";
}

/**
 * Somebody outside of the shop. It is asked outside of any transaction, after the shop has written down that it will ask, and a
 * question whose answer was lost is asked again with the same order id. An error is not a no: whatever these reject with, except
 * an AppError that says what is wrong with the request, means that the outcome is unknown.
 */
export interface Carrier {
  /** What the shop remembers it by; the name that the setting chooses it by. */
  readonly name: string;
  /** Makes the label of an order, or answers the one that there is, also a cancelled one. */
  createLabel(request: LabelRequest, call: CallOptions): Promise<Label>;
  /** How far the parcel of an order is. */
  findLabel(orderId: string, call: CallOptions): Promise<Label | undefined>;
  /** Stops the parcel of an order; one that was never asked for is stopped. Repeats change nothing. */
  cancelLabel(orderId: string, call: CallOptions): Promise<"stopped" | "handed_over">;
}

/** What an implementation is told; the currency of the shop is in its kit. */
export interface ShippingGiven {
  /** ISO 3166-1 alpha-2. */
  readonly originCountry: string;
}

export const shippingPort = definePort<ShippingProvider, ShippingGiven>("shipping");
