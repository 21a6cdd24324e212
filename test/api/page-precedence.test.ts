// The gateway of a split shop decides by the address of a page whose turn it is; the storefront by its routes. They must agree.
import assert from "node:assert/strict";
import { it } from "node:test";
import { precedenceOfPage } from "../../services/gateway/storefront-proxy.ts";
import { storefrontRoutes } from "../../services/storefront/service.ts";

it("the gateway and the storefront give every page the same turn", () => {
  assert.ok(storefrontRoutes.length > 30);
  for (const { url, precedence = "last" } of storefrontRoutes)
    assert.equal(precedenceOfPage({ url: `${url}?a=/cart/checkout` }), precedence, url);
});
