import { refusals } from "#platform/kit/error-reasons.ts";
import type { AppError, FieldViolation } from "#platform/kit/errors.ts";

/** Every refusal of this service beside those of the platform. */
export const errors = {
  ADDRESS_INVALID: {
    kind: "invalid",
    meaning: "Nothing can be sent to the address as it is written; `errors` names the wrong fields.",
  },
  SHIPMENT_CANCELLED: {
    kind: "conflict",
    meaning: "The parcel of the order was cancelled; it cannot be made or moved any more.",
  },
  CARRIER_NOT_IN_USE: {
    kind: "unavailable",
    meaning:
      "The parcel was asked of a carrier that the shop's setting does not name now; nobody else can say what became of it.",
  },
  SHIPMENT_HANDED_OVER: {
    kind: "conflict",
    meaning: "The parcel is with the carrier already and cannot be stopped.",
  },
  SHIPMENT_NOT_FOUND: { kind: "not_found", meaning: "The order has no parcel." },
  TRACKING_NUMBER_NOT_FOUND: {
    kind: "not_found",
    meaning: "No parcel has this tracking number. Check it for slips of the pen.",
  },
} as const;

export const refusal = refusals(errors);

export function addressInvalid(
  violations: readonly FieldViolation[],
  details: { readonly postalCodeExample?: string } = {},
): AppError {
  const [first] = violations;
  const publicMessage = first ? `The address: ${first.path} ${first.message}.` : "The address is not valid.";
  return refusal("ADDRESS_INVALID", { publicMessage, violations, details });
}

export function shipmentCancelled(orderId: string): AppError {
  return refusal("SHIPMENT_CANCELLED", {
    publicMessage: "The parcel of this order was cancelled.",
    details: { orderId },
  });
}

export function carrierNotInUse(orderId: string, carrier: string): AppError {
  return refusal("CARRIER_NOT_IN_USE", {
    publicMessage: `The parcel of this order was asked of the carrier ${carrier}; name it in SHIPPING_PROVIDER until its parcels are settled.`,
    details: { orderId, carrier },
  });
}

export function shipmentHandedOver(orderId: string): AppError {
  return refusal("SHIPMENT_HANDED_OVER", {
    publicMessage: "The parcel is with the carrier already and cannot be stopped.",
    details: { orderId },
  });
}

export function shipmentNotFound(orderId: string): AppError {
  return refusal("SHIPMENT_NOT_FOUND", {
    publicMessage: "This order has no parcel.",
    details: { orderId },
  });
}
