// One pure function prices a purchase: lines, discounts, shipping, tax, total. Every step's result is kept on the order.
import { add, subtract, sum, times, zero, type Money } from "#platform/kit/money.ts";

export interface PricedLine {
  readonly productId: string;
  readonly variantId: string;
  readonly productCode: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly subtotal: Money;
}

export type Line = Omit<PricedLine, "subtotal">;

export interface Price {
  readonly lines: readonly PricedLine[];
  readonly subtotal: Money;
  readonly discount: Money;
  readonly shippingCost: Money;
  readonly tax: Money;
  readonly total: Money;
}

/** What takes something off; sees the lines and answers an amount that is not negative. */
export type DiscountRule = (lines: readonly PricedLine[]) => Money;

/** What a tax is reckoned on. */
export interface Taxed {
  readonly lines: readonly PricedLine[];
  readonly discount: Money;
  readonly shippingCost: Money;
}

/** What the state adds; answers an amount that is not negative. */
export type TaxRule = (taxed: Taxed) => Money;

export interface Rules {
  readonly discounts: readonly DiscountRule[];
  readonly taxes: readonly TaxRule[];
}

/** A shop without discounts and taxes. */
export const noRules: Rules = { discounts: [], taxes: [] };

/** A purchase whose lines and discount are known. */
export type DiscountedLines = Pick<Price, "lines" | "subtotal" | "discount">;

/** Lines and what comes off them: never more than they cost. All amounts must be of `currencyCode`. */
export function discountLines(
  currencyCode: string,
  items: readonly Line[],
  { discounts }: Pick<Rules, "discounts">,
): DiscountedLines {
  const lines = items.map((item) => ({ ...item, subtotal: times(item.unitPrice, item.quantity) }));
  const subtotal = sum(
    currencyCode,
    lines.map((line) => line.subtotal),
  );
  const wanted = sum(
    currencyCode,
    discounts.map((rule) => rule(lines)),
  );
  return { lines, subtotal, discount: wanted.minor > subtotal.minor ? subtotal : wanted };
}

/** What the taxes of all rules come to. */
export function taxByRules(currencyCode: string, taxed: Taxed, { taxes }: Pick<Rules, "taxes">): Money {
  return sum(
    currencyCode,
    taxes.map((rule) => rule(taxed)),
  );
}

/** The whole price. A tax below zero counts as none. */
export function totalPrice(goods: DiscountedLines, shippingCost: Money, wantedTax: Money): Price {
  const tax = wantedTax.minor < 0n ? zero(wantedTax.currencyCode) : wantedTax;
  const total = add(add(subtract(goods.subtotal, goods.discount), shippingCost), tax);
  return { ...goods, shippingCost, tax, total };
}

/** The price under rules alone. All amounts must be of `currencyCode`. */
export function pricePurchase(
  currencyCode: string,
  items: readonly Line[],
  shippingCost: Money,
  rules: Rules,
): Price {
  const goods = discountLines(currencyCode, items, rules);
  return totalPrice(goods, shippingCost, taxByRules(currencyCode, { ...goods, shippingCost }, rules));
}
