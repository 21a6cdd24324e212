import assert from "node:assert/strict";
import { it } from "node:test";
import { signServiceName } from "#platform/auth/service-proof.ts";
import { limitKey, originOf, parseProxies, type Sender } from "./client-address.ts";

const key = "a-key-that-only-tests-know-0123456789";
const nowMs = Date.parse("2030-01-01T00:00:00Z");
const none = parseProxies("");
const ours = parseProxies("10.0.0.0/8, 192.0.2.7, 2001:db8::/32");

function addressOf(sender: Partial<Sender>, proxies = none): string {
  assert.ok(proxies);
  const whole = {
    socketAddress: "198.51.100.1",
    forwardedFor: undefined,
    serviceProof: undefined,
    claimedAddress: undefined,
    ...sender,
  };
  return originOf(whole, proxies, key, nowMs).address;
}

it("without trusted proxies X-Forwarded-For has no effect, however it is written", () => {
  for (const forwardedFor of [
    "203.0.113.9",
    "127.0.0.1, 203.0.113.9",
    "::1",
    "unknown",
    ",,,",
    "x".repeat(5000),
  ])
    assert.equal(addressOf({ forwardedFor }), "198.51.100.1");
});

it("behind a trusted proxy the rightmost address that is none of ours counts; what is left of it may be invented", () => {
  const socketAddress = "10.1.2.3";
  assert.equal(addressOf({ socketAddress, forwardedFor: "203.0.113.9" }, ours), "203.0.113.9");
  assert.equal(
    addressOf({ socketAddress, forwardedFor: "1.2.3.4, 203.0.113.9, 192.0.2.7" }, ours),
    "203.0.113.9",
  );
  assert.equal(addressOf({ socketAddress, forwardedFor: "203.0.113.9, rubbish" }, ours), "10.1.2.3");
  assert.equal(
    addressOf({ socketAddress: "::ffff:10.1.2.3", forwardedFor: "203.0.113.9" }, ours),
    "203.0.113.9",
  );
  assert.equal(addressOf({ socketAddress: "2001:db8::7", forwardedFor: "203.0.113.9" }, ours), "203.0.113.9");
});

it("the address a service of ours names counts only with its proof", () => {
  const claimedAddress = "203.0.113.9";
  const serviceProof = signServiceName("storefront", key, nowMs);
  assert.equal(addressOf({ claimedAddress, serviceProof }), "203.0.113.9");
  assert.equal(addressOf({ claimedAddress }), "198.51.100.1");
  assert.equal(addressOf({ claimedAddress, serviceProof: `${serviceProof.slice(0, -1)}_` }), "198.51.100.1");
  const old = signServiceName("storefront", key, nowMs - 3_600_000);
  assert.equal(addressOf({ claimedAddress, serviceProof: old }), "198.51.100.1");
  assert.equal(addressOf({ claimedAddress: "nonsense", serviceProof }), "198.51.100.1");
});

it("a list of proxies that is none is refused", () => {
  for (const list of ["10.0.0.0/33", "10.0.0.0/x", "example.com", "10.0.0.0/8;10.1.0.0/16"])
    assert.equal(parseProxies(list), undefined, list);
});

it("all addresses of one IPv6 network of 64 bits share a limit", () => {
  assert.equal(limitKey("2001:db8:1:2::1"), limitKey("2001:db8:1:2:ffff:1:2:3"));
  assert.notEqual(limitKey("2001:db8:1:2::1"), limitKey("2001:db8:1:3::1"));
  assert.equal(limitKey("::1"), "0:0:0:0");
  assert.equal(limitKey("198.51.100.1"), "198.51.100.1");
});
