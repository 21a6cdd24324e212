import assert from "node:assert/strict";
import { it } from "node:test";
import { money } from "#platform/kit/money.ts";
import { testShop } from "#platform/testing/services.ts";
import { taxProviderContract } from "./provider.contract.ts";
import { noTax, parseRates, ratesByCountry, taxAt } from "./tax-rates.ts";

const kit = { service: "checkout", shop: testShop() } as never;
taxProviderContract("none", async () => await noTax.create(kit, undefined));
taxProviderContract("rates", async () => {
  const config = { config: { TAX_RATES: "DE=19,FR=5.5" } };
  return await ratesByCountry.create({ ...(kit as object), ...config } as never, undefined);
});

it("rates are exact: percentages with three decimals, rounded once and half to even", () => {
  const rates = parseRates(" DE=19, FR=5.5,CH=8.125 ");
  assert.deepEqual(
    [...rates],
    [
      ["DE", 19_000n],
      ["FR", 5_500n],
      ["CH", 8_125n],
    ],
  );
  const base = { currencyCode: "USD", lines: [], discount: money("USD", 0n), address: {} as never };
  assert.equal(taxAt(19_000n, { ...base, shippingCost: money("USD", 1_000n) }).minor, 190n);
  assert.equal(taxAt(5_000n, { ...base, shippingCost: money("USD", 10n) }).minor, 0n);
  assert.equal(taxAt(5_000n, { ...base, shippingCost: money("USD", 30n) }).minor, 2n);
});

for (const wrong of ["DE", "de=19", "DE=19%", "DE=119", "DE=19,DE=20", "DE=1.2345", "DE=-1"]) {
  it(`TAX_RATES=${wrong} is refused with what is wrong`, () => {
    assert.throws(() => parseRates(wrong), /TAX_RATES must name each country once/);
  });
}
