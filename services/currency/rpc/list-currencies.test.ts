import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { CurrencyService } from "#gen/stoa/currency/v1/currency_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { testServices } from "#platform/testing/services.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { currency } from "../service.ts";

test("the 33 bundled currencies are listed with their decimals and rates, never stale", async () => {
  const services = await testServices([currency]);
  const { currencies, snapshot } = await services.as(CurrencyService, "currency").listCurrencies({});
  assert.equal(currencies.length, 33);
  const found = (code: string) => currencies.find((one) => one.code === code);
  assert.deepEqual([found("USD")?.decimals, found("USD")?.unitsPerEuro], [2, "1.1305"]);
  assert.deepEqual([found("JPY")?.decimals, found("JPY")?.unitsPerEuro], [0, "126.40"]);
  assert.equal(snapshot?.provider, "snapshot");
  assert.equal(snapshot?.stale, false);
});

test("with the bank as provider its rates are in force soon after the start, and until then the bundled ones are stale", async () => {
  const today = systemClock.now().toISOString().slice(0, 10);
  const rates = `<Cube time="${today}"><Cube currency="USD" rate="1.07"/><Cube currency="GBP" rate="0.8"/></Cube>`;
  const bank = createServer((_, response) =>
    response.end(`<E xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>${rates}</Cube></E>`),
  );
  await new Promise<void>((resolve) => bank.listen(0, "127.0.0.1", resolve));
  after(() => bank.close());
  const environment = {
    CURRENCY_PROVIDER: "ecb",
    CURRENCY_ECB_URL: `http://127.0.0.1:${(bank.address() as AddressInfo).port}/`,
  };
  const services = await testServices([currency], { environment });
  const client = services.as(CurrencyService, "currency");
  const first = await client.listCurrencies({});
  assert.deepEqual([first.snapshot?.provider, first.snapshot?.stale], ["ecb", true]);
  services.startWork();
  await eventually("the bank's rates are in force", async () => {
    return (await client.listCurrencies({})).currencies.length === 3;
  });
  const { currencies, snapshot } = await client.listCurrencies({});
  assert.deepEqual(
    currencies.map(({ code }) => code),
    ["EUR", "USD", "GBP"],
  );
  assert.equal(snapshot?.stale, false);
  assert.ok(snapshot?.asOf && systemClock.now().getTime() - timestampDate(snapshot.asOf).getTime() < 60_000);
});
