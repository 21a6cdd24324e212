import assert from "node:assert/strict";
import { test } from "node:test";
import { isFromOurPages } from "./same-origin.ts";

const host = "shop.example:3000";

test("our own pages and clients that are no browsers may change things", () => {
  assert.equal(isFromOurPages({ host }), true);
  assert.equal(isFromOurPages({ host, origin: "http://shop.example:3000" }), true);
  assert.equal(
    isFromOurPages({ host, origin: "http://shop.example:3000", "sec-fetch-site": "same-origin" }),
    true,
  );
  assert.equal(isFromOurPages({ host, "sec-fetch-site": "none" }), true);
});

test("the origin is compared with the host the shopper sees, also behind a proxy", () => {
  const behindProxy = { host: "10.0.0.7:8080", "x-forwarded-host": "shop.example" };
  assert.equal(isFromOurPages({ ...behindProxy, origin: "https://shop.example" }), true);
  assert.equal(isFromOurPages({ ...behindProxy, origin: "https://evil.example" }), false);
});

test("other sites may not, whatever they call themselves", () => {
  const foreign = [
    "http://evil.example",
    "null",
    "",
    "http://shop.example",
    "http://shop.example:3000.evil.example",
  ];
  foreign.push(
    "http://a.shop.example:3000",
    "file://",
    "chrome-extension://abc",
    "shop.example:3000",
    "http://",
  );
  for (const origin of foreign) assert.equal(isFromOurPages({ host, origin }), false, origin);
  for (const site of ["cross-site", "same-site", "", "same-origin, cross-site"])
    assert.equal(isFromOurPages({ host, "sec-fetch-site": site }), false, site);
  assert.equal(
    isFromOurPages({ host, origin: "http://evil.example", "sec-fetch-site": "same-origin" }),
    false,
  );
});
