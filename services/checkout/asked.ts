// What a request to buy asks for, as fingerprints: the same request gives the same ones however it travelled.
import { createHash } from "node:crypto";
import type { PlaceOrderRequest } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { requestHash, requestHashVersion } from "#platform/kit/request-hash.ts";

/** The fingerprints that are kept with a key. */
export interface Asked {
  readonly versionedHash: string;
  /** As the release before wrote it, which runs beside this one in a rollout and knows no other. */
  readonly messageHash: string;
}

/** What is kept of an earlier request; rows of the release before have no versioned hash. */
export interface KeptAsked {
  readonly versionedHash: string | null;
  readonly messageHash: string;
}

export function askedOf(request: PlaceOrderRequest): Asked {
  return { versionedHash: versionOne(request), messageHash: hashOfMessage(asItLies(request), request) };
}

/** True when `request` asks for what the kept one asked for. */
export function isSameAsk(kept: KeptAsked, request: PlaceOrderRequest): boolean {
  if (kept.versionedHash !== null && requestHashVersion(kept.versionedHash) === version)
    return kept.versionedHash === versionOne(request);
  return [asItLies, asCopied, asParsed].some(
    (order) => hashOfMessage(order(request), request) === kept.messageHash,
  );
}

const version = "v1";

/** Of the card it sees only what may be stored. Whose key it is, the key itself says. */
function versionOne({
  items,
  email,
  currencyCode,
  shippingAddress,
  card,
  quoteId,
  cartVersion,
  presentation,
  shippingMethodCode,
}: PlaceOrderRequest) {
  return requestHash(version, {
    items: items.map(({ productId, variantId, quantity }) => ({
      productId,
      variantId: given(variantId),
      quantity,
    })),
    email: given(email),
    currency: given(currencyCode),
    address: shippingAddress && addressValues(shippingAddress),
    card: card && {
      last4: card.number.slice(-4),
      expiryMonth: card.expiryMonth,
      expiryYear: card.expiryYear,
    },
    quoteId: given(quoteId),
    cartVersion,
    presentation: given(presentation),
    shippingMethod: given(shippingMethodCode),
  });
}

function addressValues(address: NonNullable<PlaceOrderRequest["shippingAddress"]>) {
  const { fullName, line1, line2, city, region, postalCode, country, freeText, countryName } = address;
  return {
    fullName: given(fullName),
    line1: given(line1),
    line2: given(line2),
    city: given(city),
    region: given(region),
    postalCode: given(postalCode),
    country: given(country),
    freeText: freeText || undefined,
    countryName: given(countryName),
  };
}

function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}

/** The fields the release before knew, in the order in which its two transports made them. */
const copiedOrder = [
  "items",
  "email",
  "currencyCode",
  "shippingAddress",
  "quoteId",
  "cartVersion",
  "idempotencyKey",
  "userId",
] as const;
const parsedOrder = [
  "items",
  "email",
  "currencyCode",
  "quoteId",
  "idempotencyKey",
  "userId",
  "shippingAddress",
  "cartVersion",
] as const;

type KnownField = (typeof copiedOrder)[number];

function asItLies(request: PlaceOrderRequest): readonly KnownField[] {
  return Object.keys(request).filter((name): name is KnownField =>
    (copiedOrder as readonly string[]).includes(name),
  );
}

function asCopied(): readonly KnownField[] {
  return copiedOrder;
}

function asParsed(): readonly KnownField[] {
  return parsedOrder;
}

/** The formula of the release before: the JSON text of the message. It may go when no key of that release is remembered. */
function hashOfMessage(order: readonly KnownField[], request: PlaceOrderRequest): string {
  const { card, items, shippingAddress: address } = request;
  const known = {
    ...request,
    items: items.map(({ productId, variantId, quantity }) => ({ productId, variantId, quantity })),
    shippingAddress: address && knownAddress(address),
  };
  const fields = Object.fromEntries(order.map((name) => [name, known[name]]));
  const shown = card && [card.number.slice(-4), card.expiryMonth, card.expiryYear];
  const text = JSON.stringify([fields, shown], (_name, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return createHash("sha256").update(text).digest("base64url");
}

function knownAddress(address: NonNullable<PlaceOrderRequest["shippingAddress"]>) {
  const { fullName, line1, line2, city, region, postalCode, country, freeText } = address;
  return { fullName, line1, line2, city, region, postalCode, country, freeText };
}
