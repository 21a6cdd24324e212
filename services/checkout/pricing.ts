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

/** What the state adds; sees the lines, what is taken off and the shipping, and answers an amount that is not negative. */
export type TaxRule = (taxed: {
  lines: readonly PricedLine[];
  discount: Money;
  shippingCost: Money;
}) => Money;

export interface Rules {
  readonly discounts: readonly DiscountRule[];
  readonly taxes: readonly TaxRule[];
}

/** A shop without discounts and taxes. */
export const noRules: Rules = { discounts: [], taxes: [] };

/** All amounts must be of `currencyCode`. A discount never takes off more than the lines cost. */
export function pricePurchase(
  currencyCode: string,
  items: readonly Line[],
  shippingCost: Money,
  rules: Rules,
): Price {
  const lines = items.map((item) => ({ ...item, subtotal: times(item.unitPrice, item.quantity) }));
  const subtotal = sum(
    currencyCode,
    lines.map((line) => line.subtotal),
  );
  const wanted = sum(
    currencyCode,
    rules.discounts.map((rule) => rule(lines)),
  );
  const discount = wanted.minor > subtotal.minor ? subtotal : wanted;
  const tax = sum(
    currencyCode,
    rules.taxes.map((rule) => rule({ lines, discount, shippingCost })),
  );
  const total = add(
    add(subtract(subtotal, discount), shippingCost),
    tax.minor < 0n ? zero(currencyCode) : tax,
  );
  return { lines, subtotal, discount, shippingCost, tax, total };
}
