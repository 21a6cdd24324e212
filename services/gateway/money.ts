// Amounts between JSON and contracts, and their conversion for display.
import type { RateSnapshot } from "#gen/stoa/currency/v1/currency_pb.js";
import { formatDecimal, money, parseDecimal, type Money } from "#platform/kit/money.ts";
import type { GatewayContext } from "./context.ts";
import type { MarkedCall } from "./marks.ts";

export interface MoneyJson {
  readonly amount: string;
  readonly currencyCode: string;
}

export function moneyJson(amount: Money | undefined): MoneyJson {
  if (!amount) throw new Error("A service left out an amount that its contract promises.");
  return { amount: formatDecimal(amount), currencyCode: amount.currencyCode };
}

/** Reads an amount of a body; more decimals than its currency has are refused. */
export function parseMoney({ amount, currencyCode }: MoneyJson, path: string): Money {
  return parseDecimal(amount, currencyCode, `${path}.amount`);
}

/** Shows a base amount in the currency a page wants. */
export type ShowPrice = (amount: Money | undefined) => Money;

/** At most this many amounts fit into one call. */
const batchMax = 500;

/**
 * Converts all the amounts in one call and returns the way to look them up. Without a wanted currency everything stays as it is,
 * and so does what is in the wanted one already.
 */
export async function priceView(
  ctx: GatewayContext,
  wanted: string | undefined,
  amounts: readonly (Money | undefined)[],
  call: MarkedCall,
): Promise<ShowPrice> {
  const present = amounts.filter((amount) => amount !== undefined);
  const isShown = (amount: Money) => amount.currencyCode === wanted;
  if (wanted === undefined || (wanted === ctx.shop.currency && present.every(isShown))) return required;
  if (present.length === 0) {
    // Nothing to convert, but an unknown currency is still to be refused.
    await convertAll(ctx, [money(ctx.shop.currency, 0n)], wanted, call);
    return required;
  }
  const distinct = [...new Map(present.map((amount) => [keyOf(amount), amount])).values()];
  const converted = await convertAll(ctx, distinct, wanted, call);
  const shown = new Map(distinct.map((amount, index) => [keyOf(amount), converted[index]]));
  return (amount) => required(shown.get(keyOf(required(amount))));
}

async function convertAll(
  ctx: GatewayContext,
  amounts: readonly Money[],
  toCurrencyCode: string,
  call: MarkedCall,
): Promise<Money[]> {
  const batches: Money[][] = [];
  for (let at = 0; at < amounts.length; at += batchMax) batches.push(amounts.slice(at, at + batchMax));
  const answers = await Promise.all(batches.map((batch) => ctx.rates.convert(batch, toCurrencyCode, call)));
  return answers.flatMap((answer) => answer.amounts);
}

/** An amount of a price filter: read in the shown currency, handed on in that of the catalogue. */
export async function filterPrices(
  ctx: GatewayContext,
  query: { minPrice?: string; maxPrice?: string; currency?: string },
  call: MarkedCall,
): Promise<{ minPrice?: Money; maxPrice?: Money }> {
  const base = ctx.shop.currency;
  const shown = query.currency ?? base;
  const read = (text: string | undefined, path: string) =>
    text === undefined ? undefined : parseDecimal(text, shown, path);
  const wanted = { minPrice: read(query.minPrice, "minPrice"), maxPrice: read(query.maxPrice, "maxPrice") };
  const view = await priceView(
    ctx,
    shown === base ? undefined : base,
    [wanted.minPrice, wanted.maxPrice],
    call,
  );
  return {
    ...(wanted.minPrice ? { minPrice: view(wanted.minPrice) } : {}),
    ...(wanted.maxPrice ? { maxPrice: view(wanted.maxPrice) } : {}),
  };
}

export function ratesJson(snapshot: RateSnapshot | undefined, instant: (at: RateSnapshot["asOf"]) => string) {
  if (!snapshot) throw new Error("The currency service left out its rates.");
  const { id, provider, asOf, stale } = snapshot;
  return { id, provider, asOf: instant(asOf), stale };
}

function keyOf({ currencyCode, minor }: Money): string {
  return `${currencyCode} ${minor}`;
}

function required(amount: Money | undefined): Money {
  if (!amount) throw new Error("A service left out an amount that its contract promises.");
  return amount;
}
