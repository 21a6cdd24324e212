import { divideHalfEven, money, sum } from "#platform/kit/money.ts";
import type { DiscountRule } from "../../services/checkout/extension.ts";

/** Three different things make a hamper: a twentieth off. */
export const hamper: DiscountRule = (lines) => {
  const currency = lines[0]?.subtotal.currencyCode ?? "USD";
  const goods = sum(
    currency,
    lines.map(({ subtotal }) => subtotal),
  );
  const isHamper = new Set(lines.map(({ productId }) => productId)).size >= 3;
  return money(currency, isHamper ? divideHalfEven(goods.minor, 20n) : 0n);
};
