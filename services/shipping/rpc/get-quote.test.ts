import assert from "node:assert/strict";
import { test } from "node:test";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { testServices } from "#platform/testing/services.ts";
import { shipping } from "../service.ts";

const services = await testServices([shipping], { environment: { SHIPPING_ORIGIN_COUNTRY: "DE" } });
const client = services.as(ShippingService, "shipping", "gateway");
const items = [{ productId: "OLJCESPC7Z", quantity: 2n }];
const berlin = { line1: "Unter den Linden 1", city: "Berlin", postalCode: "10117", country: "DE" };

test("a quote names each method with cost and days, cheapest first, from the configured origin", async () => {
  const { methods } = await client.getQuote({ address: berlin, items });
  assert.deepEqual(
    methods.map(({ code, cost, estimatedDays }) => [code, cost?.currencyCode, cost?.minor, estimatedDays]),
    [
      ["standard", "USD", 899n, 5],
      ["express", "USD", 1999n, 2],
    ],
  );
  const paris = { line1: "1 Rue de Rivoli", city: "Paris", postalCode: "75001", country: "FR" };
  assert.equal((await client.getQuote({ address: paris, items })).methods[0]?.cost?.minor, 1499n);
});

test("the same question has the same answer, without an address the domestic one", async () => {
  const asked = async (request: { address?: typeof berlin }) =>
    (await client.getQuote({ ...request, items })).methods;
  assert.deepEqual(await asked({}), await asked({ address: berlin }));
  assert.deepEqual(await asked({ address: berlin }), await asked({ address: berlin }));
});

test("the answer holds the address as it is to be stored", async () => {
  const { address } = await client.getQuote({ address: { ...berlin, postalCode: "D-10117" }, items });
  assert.deepEqual([address?.postalCode, address?.city], ["10117", "Berlin"]);
  assert.equal((await client.getQuote({ items })).address, undefined);
});

test("without items nothing costs anything", async () => {
  const { methods } = await client.getQuote({ address: berlin });
  assert.deepEqual(
    methods.map(({ cost }) => cost?.minor),
    [0n, 0n],
  );
});

test("an address nothing can be sent to is ADDRESS_INVALID and names the field", async () => {
  await assert.rejects(client.getQuote({ address: { ...berlin, postalCode: "1011" }, items }), (error) => {
    return isReason(error, "ADDRESS_INVALID") && error.violations[0]?.path === "postalCode";
  });
});

test("a quantity below 1 is refused", async () => {
  await assert.rejects(
    client.getQuote({ items: [{ productId: "A", quantity: 0n }] }),
    /items\[0\]\.quantity/,
  );
});
