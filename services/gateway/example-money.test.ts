import assert from "node:assert/strict";
import { it } from "node:test";
import { apiEndpoints, openApiDocument } from "./api.ts";
import { withExamplesIn } from "./example-money.ts";

it("amounts in examples are of the shop's currency with its decimals, and nothing else changes", () => {
  const document = openApiDocument();
  assert.deepEqual(withExamplesIn(document, "USD"), document);
  for (const [currency, amount] of [
    ["KWD", /^\d+\.\d{3}$/],
    ["JPY", /^\d+$/],
    ["EUR", /^\d+\.\d{2}$/],
  ] as const) {
    const { schemas } = withExamplesIn(document, currency).components;
    const { examples } = schemas["ProductWrite"] as { examples: [{ price: { amount: string } }] };
    const [product] = examples;
    assert.match(product.price.amount, amount);
    assert.doesNotMatch(JSON.stringify(schemas), /"currencyCode":"USD"/);
    assert.deepEqual(schemas["Address"], document.components.schemas["Address"]);
  }
});

it("the documents that a shop in yen serves speak of yen", async () => {
  for (const path of ["/openapi.json", "/docs/plain"]) {
    const served = apiEndpoints([], { currency: "JPY" }).filter((endpoint) => endpoint.path === path);
    const [answer = ""] = await Promise.all(served.map(({ run }) => (run as () => Promise<string>)()));
    assert.match(answer, /JPY/, path);
    assert.doesNotMatch(answer, /USD/, path);
  }
});
