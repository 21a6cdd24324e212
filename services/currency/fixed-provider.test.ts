import assert from "node:assert/strict";
import { test } from "node:test";
import { CurrencyService } from "#gen/stoa/currency/v1/currency_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { testServices } from "#platform/testing/services.ts";
import { bundledProvider } from "./bundled-provider.ts";
import { fixedProvider, parseFixedRates } from "./fixed-provider.ts";
import { rateProviderContract } from "./provider.contract.ts";
import { currency } from "./service.ts";

rateProviderContract("fixed", async () => {
  const kit = { config: { CURRENCY_RATES: "USD=3.25" } } as never;
  return await fixedProvider.create(kit, { baseCurrency: "KWD" });
});
rateProviderContract(
  "snapshot",
  async () => await bundledProvider.create({} as never, { baseCurrency: "USD" }),
);

test("rates are read as units for one unit of the base currency, in the order written", () => {
  for (const text of ["KWD=1,USD=3.25,EUR=3.0", "USD=3.25,EUR=3.0", " USD = 3.25 , EUR=3.0 "])
    assert.deepEqual(
      Object.fromEntries(parseFixedRates(text, "KWD").units),
      { KWD: "1", USD: "3.25", EUR: "3.0" },
      text,
    );
});

const faults: [text: string, why: RegExp][] = [
  ["", /CURRENCY_RATES is empty/],
  ["USD", /says "USD"/],
  ["USD=3.25,", /says ""/],
  ["usd=3.25", /says "usd=3.25"/],
  ["USD=3,25", /says "25"/],
  ["USD=0", /gives USD a rate/],
  ["USD=-1", /gives USD a rate/],
  ["USD=1.123456789", /gives USD a rate/],
  ["USD=3.25,USD=3.3", /names USD twice/],
  ["KWD=2,USD=3.25", /says KWD=2, but rates are units for one KWD/],
];
for (const [text, why] of faults)
  test(`"${text}" is refused as rates, in words`, () => {
    assert.throws(() => parseFixedRates(text, "KWD"), why);
  });

test("a shop in dinars sells in the currencies it has rates of its own for, and refuses others", async () => {
  const environment = { CURRENCY_PROVIDER: "fixed", CURRENCY_RATES: "USD=3.25,EUR=3.0" };
  const services = await testServices([currency], { environment, shop: { currency: "KWD" } });
  const client = services.as(CurrencyService, "currency");
  const { currencies, snapshot } = await client.listCurrencies({});
  assert.deepEqual(
    currencies.map(({ code, decimals }) => [code, decimals]),
    [
      ["KWD", 3],
      ["USD", 2],
      ["EUR", 2],
    ],
  );
  assert.deepEqual([snapshot?.provider, snapshot?.stale], ["fixed", false]);
  const amounts = [{ currencyCode: "KWD", minor: 19_990n }];
  const converted = await client.convert({ amounts, toCurrencyCode: "USD" });
  assert.equal(converted.amounts[0]?.minor, 6_497n);
  await assert.rejects(client.convert({ amounts, toCurrencyCode: "JPY" }), (error) =>
    isReason(error, "CURRENCY_UNKNOWN"),
  );
});

test("without rates of its own a shop in dinars sells in dinars, and says so", async () => {
  const services = await testServices([currency], { shop: { currency: "KWD" } });
  const client = services.as(CurrencyService, "currency");
  const { currencies } = await client.listCurrencies({});
  assert.deepEqual(
    currencies.map(({ code, decimals, unitsPerEuro }) => [code, decimals, unitsPerEuro]),
    [["KWD", 3, ""]],
  );
  const amounts = [{ currencyCode: "KWD", minor: 19_990n }];
  assert.equal((await client.convert({ amounts, toCurrencyCode: "KWD" })).amounts[0]?.minor, 19_990n);
  await assert.rejects(client.convert({ amounts, toCurrencyCode: "EUR" }), /sells in KWD alone/);
  await assert.rejects(client.convert({ amounts: [], toCurrencyCode: "EUR" }), /sells in KWD alone/);
});
