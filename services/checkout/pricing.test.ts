import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { money } from "#platform/kit/money.ts";
import { noRules, pricePurchase, type Line, type Rules } from "./pricing.ts";

const line = fc.record({ quantity: fc.integer({ min: 1, max: 99 }), minor: fc.bigInt(0n, 10n ** 9n) });

function lineOf({ quantity, minor }: { quantity: number; minor: bigint }): Line {
  const unitPrice = money("USD", minor);
  return { productId: "p", variantId: "v", productCode: "CODE", name: "Mug", quantity, unitPrice };
}

it("the total is always subtotal - discount + shipping + tax, and the subtotal the sum of its lines", () => {
  const rules: Rules = {
    discounts: [(lines) => money("USD", (lines[0]?.subtotal.minor ?? 0n) / 10n)],
    taxes: [({ shippingCost }) => money("USD", shippingCost.minor / 5n)],
  };
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 100 }),
      fc.bigInt(0n, 10_000n),
      (lines, shipping) => {
        const price = pricePurchase("USD", lines.map(lineOf), money("USD", shipping), rules);
        const subtotal = lines.reduce((sum, { quantity, minor }) => sum + BigInt(quantity) * minor, 0n);
        assert.equal(price.subtotal.minor, subtotal);
        assert.equal(
          price.total.minor,
          subtotal - price.discount.minor + price.shippingCost.minor + price.tax.minor,
        );
      },
    ),
  );
});

it("a discount never takes off more than the lines cost", () => {
  const rules: Rules = { discounts: [() => money("USD", 10_000n), () => money("USD", 1n)], taxes: [] };
  const price = pricePurchase("USD", [lineOf({ quantity: 2, minor: 300n })], money("USD", 899n), rules);
  assert.equal(price.discount.minor, 600n);
  assert.equal(price.total.minor, 899n);
});

it("a shop without rules charges lines and shipping, nothing else", () => {
  const price = pricePurchase("USD", [lineOf({ quantity: 3, minor: 1999n })], money("USD", 899n), noRules);
  assert.equal(price.total.minor, 6896n);
  assert.equal(price.discount.minor, 0n);
  assert.equal(price.tax.minor, 0n);
});
