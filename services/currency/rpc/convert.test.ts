import assert from "node:assert/strict";
import { test } from "node:test";
import { CurrencyService } from "#gen/stoa/currency/v1/currency_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { testServices } from "#platform/testing/services.ts";
import { currency } from "../service.ts";

const services = await testServices([currency]);
const client = services.as(CurrencyService, "currency", "gateway");
const usd = (minor: bigint) => ({ currencyCode: "USD", minor });

test("many amounts convert at once, in the order asked, with one named set of rates", async () => {
  const answer = await client.convert({
    amounts: [usd(1999n), { currencyCode: "JPY", minor: 2500n }, usd(-899n)],
    toCurrencyCode: "EUR",
  });
  assert.deepEqual(
    answer.amounts.map(({ currencyCode, minor }) => [currencyCode, minor]),
    [
      ["EUR", 1768n],
      ["EUR", 1978n],
      ["EUR", -795n],
    ],
  );
  const listed = await client.listCurrencies({});
  assert.equal(answer.snapshot?.id, listed.snapshot?.id);
});

test("an unknown currency is refused on either side, also without amounts", async () => {
  const isUnknown = (error: unknown) => isReason(error, "CURRENCY_UNKNOWN") && error.kind === "invalid";
  await assert.rejects(client.convert({ amounts: [usd(1n)], toCurrencyCode: "XYZ" }), isUnknown);
  await assert.rejects(client.convert({ amounts: [], toCurrencyCode: "" }), isUnknown);
  const amounts = [usd(1n), { currencyCode: "XYZ", minor: 1n }];
  await assert.rejects(client.convert({ amounts, toCurrencyCode: "USD" }), isUnknown);
});

test("500 amounts are converted, 501 are refused", async () => {
  const amounts = Array.from({ length: 501 }, () => usd(100n));
  const answer = await client.convert({ amounts: amounts.slice(1), toCurrencyCode: "EUR" });
  assert.equal(answer.amounts.length, 500);
  await assert.rejects(client.convert({ amounts, toCurrencyCode: "EUR" }), /amounts: must be at most 500/);
});

test("an amount that does not fit once it is converted is refused by its place", async () => {
  const amounts = [usd(1n), usd(2n ** 62n)];
  await assert.rejects(client.convert({ amounts, toCurrencyCode: "IDR" }), /amounts\[1\]: is too large/);
});
