import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addWorkingDays, quoteMethods, ratesIn, zoneOf, type Zone } from "./shipping-method.ts";

const zones: readonly Zone[] = ["contract", "domestic", "regional", "world"];
const rates = ratesIn("USD");
const costs = (zone: Zone, count: bigint) => quoteMethods(rates, zone, count).map(({ cost }) => cost.minor);

test("a small domestic order costs 8.99 USD, and a large or far one more", () => {
  assert.deepEqual(costs("domestic", 1n), [899n, 1999n]);
  assert.deepEqual(costs("domestic", 5n), [899n, 1999n]);
  assert.deepEqual(costs("domestic", 7n), [1049n, 2299n]);
  assert.deepEqual(costs("regional", 1n), [1499n, 3499n]);
  assert.deepEqual(costs("world", 1n), [2499n, 5499n]);
  assert.deepEqual(costs("contract", 500n), [899n, 1999n]);
});

const elsewhere: [currencyCode: string, small: bigint[], large: bigint[]][] = [
  ["EUR", [795n, 1768n], [927n, 2034n]],
  ["JPY", [1005n, 2235n], [1173n, 2571n]],
  // The bundled rates do not know it: the figures stay.
  ["KWD", [8_990n, 19_990n], [10_490n, 22_990n]],
];
for (const [currencyCode, small, large] of elsewhere)
  test(`a shop in ${currencyCode} quotes in ${currencyCode}: the house's rates, restated`, () => {
    for (const [count, expected] of [
      [5n, small],
      [7n, large],
    ] as const) {
      const methods = quoteMethods(ratesIn(currencyCode), "domestic", count);
      assert.deepEqual(
        methods.map(({ cost }) => [cost.currencyCode, cost.minor]),
        expected.map((minor) => [currencyCode, minor]),
      );
    }
    assert.deepEqual(quoteMethods(ratesIn(currencyCode), "world", 0n)[0]?.cost, { currencyCode, minor: 0n });
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
      assert.deepEqual(quoteMethods(rates, zone, more), quoteMethods(rates, zone, more));
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
  const named = (country: string, countryName: string) =>
    zoneOf({ country, countryName, freeText: true }, "US");
  assert.deepEqual(
    [named("US", "USA"), named("DE", "Deutschland"), named("Atlantis", "Atlantis")],
    ["domestic", "world", "world"],
  );
});

test("working days skip the weekend", () => {
  const friday = new Date("2030-01-04T12:00:00Z");
  assert.equal(addWorkingDays(friday, 1).toISOString().slice(0, 10), "2030-01-07");
  assert.equal(addWorkingDays(friday, 5).toISOString().slice(0, 10), "2030-01-11");
  assert.equal(addWorkingDays(friday, 0).getTime(), friday.getTime());
});
