import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AppError } from "#platform/kit/errors.ts";
import { decimalsOf, money } from "#platform/kit/money.ts";
import { createBundledProvider } from "./bundled-provider.ts";
import { convertMoney, convertNanos, createSnapshot, isStale, parseRate } from "./rate.ts";

const bundled = await createBundledProvider().fetchRates();
const asOf = new Date("2030-01-01T00:00:00Z");
const gulf = createSnapshot(
  "ecb",
  {
    publishedOn: "2030-01-01",
    unitsPerEuro: new Map([
      ["EUR", "1"],
      ["USD", "1.25"],
      ["JPY", "160"],
      ["KWD", "0.375"],
    ]),
  },
  asOf,
);
const code = fc.constantFrom(...bundled.scaled.keys());
const minor = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
const runs = { numRuns: 20_000 };
const absolute = (value: bigint) => (value < 0n ? -value : value);
/** Minor units of a currency that equal one EUR, times 10^8. */
const worth = (of: string) => (bundled.scaled.get(of) ?? 0n) * 10n ** BigInt(decimalsOf(of));

test("amounts convert by way of EUR, in currencies with 0, 2 and 3 decimals", () => {
  const cases: [string, bigint, string, bigint][] = [
    ["USD", 1999n, "USD", 1999n],
    ["USD", 125n, "EUR", 100n],
    ["USD", 1999n, "JPY", 2559n],
    ["JPY", 2559n, "USD", 1999n],
    ["USD", 1000n, "KWD", 3000n],
    ["KWD", 1n, "USD", 0n],
    ["KWD", 2n, "USD", 1n],
    ["KWD", 375n, "JPY", 160n],
    ["USD", -1999n, "JPY", -2559n],
    ["USD", 0n, "KWD", 0n],
  ];
  for (const [from, amount, to, expected] of cases)
    assert.deepEqual(
      convertMoney(money(from, amount), to, gulf),
      money(to, expected),
      `${amount} ${from} to ${to}`,
    );
});

test("ties go to the even minor unit, on both sides of zero", () => {
  const half = createSnapshot(
    "ecb",
    {
      publishedOn: "2030-01-01",
      unitsPerEuro: new Map([
        ["EUR", "1"],
        ["USD", "0.5"],
      ]),
    },
    asOf,
  );
  const cents = (amount: bigint) => convertMoney(money("EUR", amount), "USD", half).minor;
  assert.deepEqual([1n, 3n, 5n, -1n, -3n, -5n].map(cents), [0n, 2n, 2n, 0n, -2n, -2n]);
});

test("a negative amount converts to minus what its opposite converts to", () => {
  assert.equal(convertNanos(-1_750_000_000n, "EUR", "USD", bundled), -1_978_375_000n);
  fc.assert(
    fc.property(minor, code, code, (amount, from, to) => {
      const there = convertMoney(money(from, amount), to, bundled).minor;
      assert.equal(convertMoney(money(from, -amount), to, bundled).minor, -there);
    }),
    runs,
  );
});

test("a larger amount never converts to less", () => {
  fc.assert(
    fc.property(minor, minor, code, code, (one, other, from, to) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      const convert = (amount: bigint) => convertMoney(money(from, amount), to, bundled).minor;
      assert.ok(convert(less) <= convert(more));
    }),
    runs,
  );
});

test("there and back differs by at most half a minor unit of each of the two currencies", () => {
  fc.assert(
    fc.property(minor, code, code, (amount, from, to) => {
      const there = convertMoney(money(from, amount), to, bundled);
      const back = convertMoney(there, from, bundled).minor;
      assert.ok(absolute(back - amount) * 2n * worth(to) <= worth(from) + worth(to));
    }),
    runs,
  );
});

test("a conversion is the nearest amount there is, and zero stays zero", () => {
  fc.assert(
    fc.property(minor, code, code, (amount, from, to) => {
      const there = convertMoney(money(from, amount), to, bundled).minor;
      assert.ok(absolute(there * worth(from) - amount * worth(to)) * 2n <= worth(from));
      assert.equal(convertMoney(money(from, 0n), to, bundled).minor, 0n);
    }),
    runs,
  );
});

test("an unknown currency on either side is refused as CURRENCY_UNKNOWN", () => {
  const isUnknown = (error: unknown) =>
    error instanceof AppError && error.kind === "invalid" && error.reason === "CURRENCY_UNKNOWN";
  for (const unknown of ["XXX", "usd", "", "__proto__", "KWD"]) {
    assert.throws(() => convertMoney(money("USD", 1n), unknown, bundled), isUnknown);
    assert.throws(() => convertMoney(money(unknown, 1n), "USD", bundled), isUnknown);
  }
});

test("a rate is a positive decimal number and nothing else", () => {
  assert.equal(parseRate("1.1305"), 113_050_000n);
  assert.equal(parseRate("0.00000001"), 1n);
  for (const text of [
    "0",
    "0.0",
    "-1",
    "1e3",
    "1,5",
    " 1",
    "",
    "NaN",
    "Infinity",
    "1.123456789",
    "9".repeat(10),
  ])
    assert.throws(() => parseRate(text), /positive decimal number/, text);
});

test("equal rates have one name, other rates another", () => {
  const rates = { publishedOn: "2030-01-01", unitsPerEuro: gulf.unitsPerEuro };
  assert.equal(createSnapshot("ecb", rates, new Date("2030-01-03T00:00:00Z")).id, gulf.id);
  const corrected = { ...rates, unitsPerEuro: new Map([...rates.unitsPerEuro, ["USD", "1.26"]]) };
  assert.notEqual(createSnapshot("ecb", corrected, asOf).id, gulf.id);
});

test("rates are stale once their provider was silent for 24 hours; bundled rates never are", () => {
  const hoursLater = (hours: number) => new Date(asOf.getTime() + hours * 3_600_000);
  assert.equal(isStale(gulf, "ecb", hoursLater(24)), false);
  assert.equal(isStale(gulf, "ecb", hoursLater(24.01)), true);
  assert.equal(isStale(bundled, "snapshot", hoursLater(24.01)), false);
  assert.equal(isStale(bundled, "ecb", hoursLater(0)), true, "bundled rates that stand in for the bank's");
});

test("the bundled table has the 33 currencies of the public contract, in its order", () => {
  assert.equal(
    [...bundled.unitsPerEuro.keys()].join(" "),
    "EUR USD JPY BGN CZK DKK GBP HUF PLN RON SEK CHF ISK NOK HRK RUB TRY AUD BRL CAD CNY HKD IDR ILS INR KRW MXN MYR NZD PHP SGD THB ZAR",
  );
  assert.equal(decimalsOf("HRK"), 2);
});
