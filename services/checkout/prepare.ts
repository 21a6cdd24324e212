// Everything an order needs to know before anything happens: who, what, where to, for how much. Only questions, no effects.
import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { RateSnapshot } from "#gen/stoa/currency/v1/currency_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { convertWith, refusedAfterMs } from "#platform/kit/kept-rates.ts";
import { add, money, type Money } from "#platform/kit/money.ts";
import type { Address } from "#gen/stoa/type/v1/address_pb.js";
import type { PurchaseItem } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { VariantItemSchema, type VariantItem } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { ShippingMethod } from "#gen/stoa/shipping/v1/shipping_pb.js";
import type { Call } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "./context.ts";
import { refusal } from "./errors.ts";
import { discountLines, taxByRules, totalPrice, type Line, type Price } from "./pricing.ts";
import type { Purchase, ShippingAddress } from "./purchase.ts";
import { stockInsufficient } from "./shortage.ts";

export interface Wanted {
  readonly userId: string;
  readonly email: string;
  readonly currencyCode: string;
  readonly address: Address | undefined;
  /** Empty means the cart. */
  readonly items: readonly PurchaseItem[];
  /** Empty means the cheapest. */
  readonly shippingMethodCode: string;
  /** The buyer was shown these items for sale: one that is gone since is a line that went, not a product that never was. */
  readonly wasQuoted?: boolean;
}

/** A purchase, and the other ways in which it could be sent. */
export interface Prepared {
  readonly purchase: Purchase;
  /** Cheapest first, in the currency of the purchase. */
  readonly shippingMethods: readonly PricedMethod[];
}

export type PricedMethod = Pick<ShippingMethod, "code" | "name" | "estimatedDays"> & { readonly cost: Money };

interface WantedItem {
  readonly productId: string;
  readonly variantId: string;
  readonly quantity: number;
}

const linesMax = 100;
const quantityMax = 99;

/**
 * What the purchase is and costs now. Refuses what cannot be bought: empty cart, unknown product, no stock, bad address, no such
 * way to send it.
 */
export async function preparePurchase(ctx: CheckoutContext, wanted: Wanted, call: Call): Promise<Prepared> {
  const { items, cartVersion } = await wantedItems(ctx, wanted, call);
  const written = parseAddress(wanted.address);
  const base = ctx.baseCurrency;
  const currencyCode = wanted.currencyCode === "" ? base : wanted.currencyCode;
  const refs = items.map(({ productId, variantId }) => ({ productId, variantId }));
  const [variants, quote] = await Promise.all([
    ctx.clients.catalog.getVariants(
      { refs, withGone: cartVersion !== undefined || wanted.wasQuoted === true },
      call.onward,
    ),
    ctx.clients.shipping.getQuote({ address: written, items: items.map(asParcelItem) }, call.onward),
  ]);
  const address = quote.address ? parseAddress(quote.address) : written;
  const isCart = cartVersion !== undefined;
  const found = matchVariants(
    items,
    isCart ? [...variants.items, ...forgotten(items, variants.items)] : variants.items,
  );
  requireStock(found);
  const method = methodOf(quote.methods, wanted.shippingMethodCode);
  const costs = quote.methods.map(({ cost }) => cost ?? money(base, 0n));
  const inBase = [...found.map(({ item }) => priceOf(item, base)), ...costs];
  const converted = await convert(ctx, inBase, currencyCode, call);
  const lines = found.map(({ item, quantity }, index) =>
    lineOf(item, quantity, amountAt(converted.amounts, index)),
  );
  const shippingMethods = quote.methods.map(({ code, name, estimatedDays }, index) => {
    return { code, name, estimatedDays, cost: amountAt(converted.amounts, lines.length + index) };
  });
  const shippingCost = amountAt(converted.amounts, lines.length + quote.methods.indexOf(method));
  const price = await priced(ctx, { currencyCode, lines, shippingCost, address }, call);
  const purchase = {
    ...price,
    userId: wanted.userId,
    email: wanted.email,
    currencyCode,
    address,
    shippingMethodCode: method.code,
    shippingMethodName: method.name,
    rateSnapshotId: converted.snapshotId,
    cartVersion,
  };
  return { purchase, shippingMethods };
}

/** The wanted way to send, or the cheapest. */
function methodOf(methods: readonly ShippingMethod[], wantedCode: string): ShippingMethod {
  const method = methods.find(({ code }) => wantedCode === "" || code === wantedCode);
  if (method) return method;
  const message = `must be one of ${methods.map(({ code }) => code).join(", ")}`;
  throw refusal("SHIPPING_METHOD_UNKNOWN", {
    publicMessage: `These goods cannot be sent to this address in that way: shippingMethodCode ${message}.`,
    violations: [{ path: "shippingMethodCode", message }],
    details: { shippingMethods: methods.map(({ code, name }) => ({ code, name })) },
  });
}

/** Rules and the tax port in their order: lines, discounts, shipping, tax, total. */
async function priced(
  ctx: CheckoutContext,
  wanted: { currencyCode: string; lines: readonly Line[]; shippingCost: Money; address: ShippingAddress },
  call: Call,
): Promise<Price> {
  const { currencyCode, lines, shippingCost, address } = wanted;
  const goods = discountLines(currencyCode, lines, ctx.rules);
  const taxed = { ...goods, shippingCost };
  const ruled = taxByRules(currencyCode, taxed, ctx.rules);
  const asked = await ctx.tax.taxOf({ ...taxed, currencyCode, address }, call.onward);
  return totalPrice(goods, shippingCost, add(ruled, asked));
}

async function wantedItems(
  ctx: CheckoutContext,
  { items, userId }: Wanted,
  call: Call,
): Promise<{ items: WantedItem[]; cartVersion: bigint | undefined }> {
  if (items.length > 0) return { items: parseItems(items), cartVersion: undefined };
  const { items: held, version } = await ctx.clients.cart.getItems({ userId }, call.onward);
  if (held.length === 0) throw refusal("CART_EMPTY");
  return { items: held, cartVersion: version };
}

function parseItems(items: readonly PurchaseItem[]): WantedItem[] {
  const violations = items.flatMap(({ productId, quantity }, index) => [
    ...(productId === "" ? [{ path: `items[${index}].productId`, message: "must name a product" }] : []),
    ...(quantity < 1 || quantity > quantityMax
      ? [{ path: `items[${index}].quantity`, message: `must be a whole number from 1 to ${quantityMax}` }]
      : []),
  ]);
  if (items.length > linesMax)
    violations.push({ path: "items", message: `must have at most ${linesMax} lines` });
  if (violations.length > 0) throw invalid(violations);
  return [...items];
}

function parseAddress(address: Address | undefined): ShippingAddress {
  if (!address) throw invalid([{ path: "shippingAddress", message: "is required" }]);
  const { fullName, line1, line2, city, region, postalCode, country, freeText, countryName } = address;
  const fields = { fullName, line1, line2, city, region, postalCode, country, freeText };
  return countryName === "" ? fields : { ...fields, countryName };
}

interface FoundItem {
  readonly item: VariantItem;
  readonly quantity: number;
}

/** Lines of one variant become one, because they draw on one stock. */
function matchVariants(wanted: readonly WantedItem[], variants: readonly VariantItem[]): FoundItem[] {
  const byRef = new Map(variants.map((item) => [refKey(item.ref), item]));
  const found = new Map<string, FoundItem>();
  for (const [index, { productId, variantId, quantity }] of wanted.entries()) {
    const item = byRef.get(refKey({ productId, variantId }));
    const id = item?.variant?.id;
    if (!item || id === undefined) {
      throw refusal("PRODUCT_NOT_FOUND", { details: { productId, variantId, line: index } });
    }
    found.set(id, { item, quantity: quantity + (found.get(id)?.quantity ?? 0) });
  }
  return [...found.values()];
}

/** What the catalogue does not remember at all is gone for whoever has it in the cart; asked for by name, it is refused. */
function forgotten(items: readonly WantedItem[], variants: readonly VariantItem[]): VariantItem[] {
  const known = new Set(variants.map(({ ref }) => refKey(ref)));
  return items
    .filter((item) => !known.has(refKey(item)))
    .map(({ productId, variantId }) => {
      const ref = { productId, variantId };
      return create(VariantItemSchema, { ref, productId, variant: { id: variantId }, isGone: true });
    });
}

function refKey(ref: { productId: string; variantId: string } | undefined): string {
  return `${ref?.productId}/${ref?.variantId}`;
}

/** An early and cheap refusal; the reservation decides. */
function requireStock(found: readonly FoundItem[]): void {
  const short = found.filter((line) => availableOf(line) < BigInt(line.quantity));
  if (short.length === 0) return;
  throw stockInsufficient(
    short.map((line) => {
      const { productId, variant, name } = line.item;
      const available = Number(availableOf(line));
      return { productId, variantId: variant?.id ?? "", name, requested: line.quantity, available };
    }),
  );
}

function availableOf({ item: { isGone, variant } }: FoundItem): bigint {
  const stock = variant?.stockQuantity ?? 0n;
  return isGone || stock < 0n ? 0n : stock;
}

async function convert(
  ctx: CheckoutContext,
  amounts: readonly Money[],
  currencyCode: string,
  call: Call,
): Promise<{ amounts: readonly Money[]; snapshotId: string }> {
  if (currencyCode === ctx.baseCurrency) return { amounts, snapshotId: "" };
  const kept = await keptConversion(ctx, amounts, currencyCode);
  const request = { amounts: [...amounts], toCurrencyCode: currencyCode };
  // It has the words for what cannot be converted.
  const answer = kept ?? (await ctx.clients.currency.convert(request, call.onward));
  requireFreshRates(ctx, answer.snapshot);
  return { amounts: answer.amounts, snapshotId: answer.snapshot?.id ?? "" };
}

/** With the rates of this second, or the last ones while there are no new ones: up to three days, as with old ones in general. */
async function keptConversion(ctx: CheckoutContext, amounts: readonly Money[], currencyCode: string) {
  const heard = await ctx.rates.current().catch(() => undefined);
  if (!heard) return undefined;
  const { ageMs = 0, value } = heard;
  if (ageMs > refusedAfterMs) throw refusal("RATES_TOO_OLD", { retryAfterSeconds: 600 });
  const units = new Map(value.currencies.map(({ code, rate }) => [code, rate]));
  const converted = convertWith(units, amounts, currencyCode, ctx.baseCurrency);
  return converted && { amounts: converted, snapshot: value.snapshot };
}

/** Old rates are shown, but nothing is sold at them. */
function requireFreshRates(ctx: CheckoutContext, snapshot: RateSnapshot | undefined): void {
  if (!snapshot?.stale || !snapshot.asOf) return;
  const ageMs = ctx.clock.now().getTime() - timestampMs(snapshot.asOf);
  if (ageMs > refusedAfterMs) throw refusal("RATES_TOO_OLD", { retryAfterSeconds: 600 });
}

function amountAt(amounts: readonly Money[], index: number): Money {
  const amount = amounts[index];
  if (!amount) throw new Error("The currency service answered fewer amounts than it was asked for.");
  return money(amount.currencyCode, amount.minor);
}

function priceOf({ variant }: VariantItem, base: string): Money {
  return variant?.price ?? money(base, 0n);
}

function lineOf(item: VariantItem, quantity: number, unitPrice: Money): Line {
  const { productId, productCode, name } = item;
  return { productId, variantId: item.variant?.id ?? productId, productCode, name, quantity, unitPrice };
}

function asParcelItem({ productId, variantId, quantity }: WantedItem) {
  return { productId, variantId, quantity: BigInt(quantity) };
}
