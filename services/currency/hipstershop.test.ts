import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CurrencyService } from "#gen/hipstershop/demo_pb.js";
import { isKind, isReason } from "#platform/kit/errors.ts";
import { testServices } from "#platform/testing/services.ts";
import { currency } from "./service.ts";

const services = await testServices([currency]);
const client = services.as(CurrencyService, "currency");

async function convert(from: [string, bigint, number], toCode: string) {
  const [currencyCode, units, nanos] = from;
  const answer = await client.convert({ from: { currencyCode, units, nanos }, toCode });
  return [answer.currencyCode, answer.units, answer.nanos];
}

test("the supported currencies are the 33 of the contract, EUR first", async () => {
  const { currencyCodes } = await client.getSupportedCurrencies({});
  assert.equal(currencyCodes.length, 33);
  assert.deepEqual(currencyCodes.slice(0, 3), ["EUR", "USD", "JPY"]);
});

test("an amount converts exactly to a billionth, rounded half to even, with one sign", async () => {
  assert.deepEqual(await convert(["EUR", 1n, 750_000_000], "USD"), ["USD", 1n, 978_375_000]);
  assert.deepEqual(await convert(["EUR", -1n, -750_000_000], "USD"), ["USD", -1n, -978_375_000]);
  assert.deepEqual(await convert(["USD", 19n, 990_000_000], "EUR"), ["EUR", 17n, 682_441_398]);
  assert.deepEqual(await convert(["EUR", 0n, 1], "JPY"), ["JPY", 0n, 126]);
  assert.deepEqual(await convert(["USD", 8n, 990_000_000], "USD"), ["USD", 8n, 990_000_000]);
  assert.deepEqual(await convert(["EUR", 0n, -1], "CHF"), ["CHF", 0n, -1]);
});

test("units and nanos of every answer carry one sign and stay in their bounds", async () => {
  const amount = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
  await fc.assert(
    fc.asyncProperty(amount, fc.constantFrom("JPY", "GBP", "IDR"), async (nanos, to) => {
      const [, units, rest] = await convert(["USD", nanos / 10n ** 9n, Number(nanos % 10n ** 9n)], to);
      assert.ok(Math.abs(Number(rest)) < 1e9 && Number(units) * Number(rest) >= 0);
    }),
    { numRuns: 300 },
  );
});

test("an unknown currency, a missing amount and an amount that is none are INVALID_ARGUMENT", async () => {
  await assert.rejects(convert(["USD", 1n, 0], "XYZ"), (error) => isReason(error, "CURRENCY_UNKNOWN"));
  await assert.rejects(convert(["", 1n, 0], "USD"), (error) => isReason(error, "CURRENCY_UNKNOWN"));
  const isInvalid = (error: unknown) => isKind(error, "invalid");
  await assert.rejects(client.convert({ toCode: "USD" }), isInvalid);
  await assert.rejects(convert(["USD", 1n, -1], "EUR"), isInvalid);
  await assert.rejects(convert(["USD", -1n, 1], "EUR"), isInvalid);
  await assert.rejects(convert(["USD", 0n, 1_000_000_000], "EUR"), isInvalid);
  await assert.rejects(convert(["USD", 2n ** 62n, 0], "IDR"), isInvalid);
});
