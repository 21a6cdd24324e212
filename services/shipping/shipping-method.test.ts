import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addWorkingDays, quoteMethods, zoneOf, type Zone } from "./shipping-method.ts";

const zones: readonly Zone[] = ["contract", "domestic", "regional", "world"];
const costs = (zone: Zone, count: bigint) => quoteMethods(zone, count).map(({ cost }) => cost.minor);

test("a small domestic order costs 8.99 USD, and a large or far one more", () => {
  assert.deepEqual(costs("domestic", 1n), [899n, 1999n]);
  assert.deepEqual(costs("domestic", 5n), [899n, 1999n]);
  assert.deepEqual(costs("domestic", 7n), [1049n, 2299n]);
  assert.deepEqual(costs("regional", 1n), [1499n, 3499n]);
  assert.deepEqual(costs("world", 1n), [2499n, 5499n]);
  assert.deepEqual(costs("contract", 500n), [899n, 1999n]);
});

test("no cost is ever negative, more items never cost less, and the cheapest method comes first", () => {
  const count = fc.bigInt({ min: 0n, max: 1_000_000n });
  fc.assert(
    fc.property(fc.constantFrom(...zones), count, count, (zone, one, other) => {
      const [fewer, more] = one < other ? [one, other] : [other, one];
      const [cheap, dear] = [costs(zone, fewer), costs(zone, more)];
      cheap.forEach((minor, index) => assert.ok(minor >= 0n && minor <= (dear[index] ?? -1n)));
      assert.deepEqual(
        dear,
        [...dear].sort((a, b) => Number(a - b)),
      );
      assert.deepEqual(quoteMethods(zone, more), quoteMethods(zone, more));
    }),
  );
});

test("nothing costs nothing, wherever it goes", () => {
  for (const zone of zones) assert.deepEqual(costs(zone, 0n), [0n, 0n]);
});

test("the zone follows from country and origin; without an address it is domestic", () => {
  const zone = (country: string, origin = "US") => zoneOf({ country, freeText: false }, origin);
  assert.deepEqual(
    ["US", "CA", "MX", "DE", "JP"].map((to) => zone(to)),
    ["domestic", "regional", "regional", "world", "world"],
  );
  assert.deepEqual(
    ["DE", "FR", "US"].map((to) => zone(to, "DE")),
    ["domestic", "regional", "world"],
  );
  assert.equal(zoneOf(undefined, "US"), "domestic");
  assert.equal(zoneOf({ country: "United States", freeText: true }, "US"), "contract");
});

test("working days skip the weekend", () => {
  const friday = new Date("2030-01-04T12:00:00Z");
  assert.equal(addWorkingDays(friday, 1).toISOString().slice(0, 10), "2030-01-07");
  assert.equal(addWorkingDays(friday, 5).toISOString().slice(0, 10), "2030-01-11");
  assert.equal(addWorkingDays(friday, 0).getTime(), friday.getTime());
});
