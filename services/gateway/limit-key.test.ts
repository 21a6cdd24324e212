import assert from "node:assert/strict";
import { it } from "node:test";
import { limitKey } from "./limit-key.ts";

it("all addresses of one IPv6 network of 64 bits share a limit", () => {
  assert.equal(limitKey("2001:db8:1:2::1"), limitKey("2001:db8:1:2:ffff:1:2:3"));
  assert.notEqual(limitKey("2001:db8:1:2::1"), limitKey("2001:db8:1:3::1"));
  assert.equal(limitKey("::1"), "0:0:0:0");
  assert.equal(limitKey("198.51.100.1"), "198.51.100.1");
});
