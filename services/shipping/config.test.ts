import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "#platform/kit/config.ts";
import { ShippingConfig } from "./config.ts";

test("the origin is a country, that of the shop unless set", () => {
  assert.equal(readConfig(ShippingConfig, {}).SHIPPING_ORIGIN_COUNTRY, undefined);
  assert.equal(readConfig(ShippingConfig, { SHIPPING_ORIGIN_COUNTRY: "DE" }).SHIPPING_ORIGIN_COUNTRY, "DE");
  for (const text of ["de", "Germany", "XX"])
    assert.throws(() => readConfig(ShippingConfig, { SHIPPING_ORIGIN_COUNTRY: text }), /two capital letters/);
});
