import assert from "node:assert/strict";
import { test } from "node:test";
import { isFromOurPages } from "./same-origin.ts";

const host = "shop.example:3000";
const fromOurs = (headers: Parameters<typeof isFromOurPages>[0]) =>
  isFromOurPages(headers, [host, "shop.example:8443"]);

test("our own pages and clients that are no browsers may change things", () => {
  assert.equal(fromOurs({ host }), true);
  assert.equal(fromOurs({ host, origin: "http://shop.example:3000" }), true);
  assert.equal(fromOurs({ host, origin: "http://shop.example:3000", "sec-fetch-site": "same-origin" }), true);
  assert.equal(fromOurs({ host, "sec-fetch-site": "none" }), true);
});

test("the origin is compared with the hosts the shop is known under; what a header says of the host does not count", () => {
  assert.equal(fromOurs({ host: "10.0.0.7:8080", origin: "https://shop.example:8443" }), true);
  const invented = {
    host: "evil.example",
    "x-forwarded-host": "evil.example",
    origin: "https://evil.example",
  };
  assert.equal(fromOurs(invented), false);
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
  for (const origin of foreign) assert.equal(fromOurs({ host, origin }), false, origin);
  for (const site of ["cross-site", "same-site", "", "same-origin, cross-site"])
    assert.equal(fromOurs({ host, "sec-fetch-site": site }), false, site);
  assert.equal(fromOurs({ host, origin: "http://evil.example", "sec-fetch-site": "same-origin" }), false);
});
