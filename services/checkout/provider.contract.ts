// What every answer to the tax port promises.
import assert from "node:assert/strict";
import { it } from "node:test";
import { decimalsOf, money, times } from "#platform/kit/money.ts";
import type { TaxedPurchase, TaxProvider } from "./provider.ts";

const currencies = ["USD", "EUR", "JPY", "KWD"];

function purchase(currencyCode: string, changes: Partial<TaxedPurchase> = {}): TaxedPurchase {
  const unitPrice = money(currencyCode, 12_345n);
  const line = { productId: "p", variantId: "v", productCode: "CODE", name: "Mug", quantity: 3, unitPrice };
  return {
    currencyCode,
    lines: [{ ...line, subtotal: times(unitPrice, 3) }],
    discount: money(currencyCode, 0n),
    shippingCost: money(currencyCode, 899n),
    address: {
      fullName: "Ada Lovelace",
      line1: "1 Analytical Way",
      line2: "",
      city: "Berlin",
      region: "",
      postalCode: "10115",
      country: "DE",
      freeText: false,
    },
    ...changes,
  };
}

/** Runs the suite over one implementation; `open` makes it as a shop would. */
export function taxProviderContract(name: string, open: () => Promise<TaxProvider>): void {
  for (const currencyCode of currencies) {
    it(`${name}: a purchase in ${currencyCode} (${decimalsOf(currencyCode)} decimals) is taxed in ${currencyCode}, and never negatively`, async () => {
      const tax = await (await open()).taxOf(purchase(currencyCode), {});
      assert.equal(tax.currencyCode, currencyCode);
      assert.ok(tax.minor >= 0n);
    });
  }

  it(`${name}: the same purchase is taxed the same however often it is asked`, async () => {
    const provider = await open();
    const asked = await Promise.all(Array.from({ length: 5 }, () => provider.taxOf(purchase("USD"), {})));
    assert.equal(new Set(asked.map(({ minor }) => minor)).size, 1);
  });

  it(`${name}: a purchase that costs nothing is taxed nothing`, async () => {
    const free = purchase("USD", { discount: money("USD", 37_035n), shippingCost: money("USD", 0n) });
    assert.equal((await (await open()).taxOf(free, {})).minor, 0n);
  });
}
