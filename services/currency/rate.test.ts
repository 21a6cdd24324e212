import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AppError } from "#platform/kit/errors.ts";
import { convertWith } from "#platform/kit/kept-rates.ts";
import { decimalsOf, money } from "#platform/kit/money.ts";
import { bundled as published } from "./bundled-provider.ts";
import { convertMoney, convertNanos, createSnapshot, currenciesSold, isStale, unitsPerEuro } from "./rate.ts";

const asOf = new Date("2030-01-01T00:00:00Z");
const known = { asOf, baseCurrency: "USD" };
const bundled = createSnapshot("snapshot", published, known);
const gulf = createSnapshot(
  "ecb",
  {
    publishedOn: "2030-01-01",
    units: new Map([
      ["EUR", "1"],
      ["USD", "1.25"],
      ["JPY", "160"],
      ["KWD", "0.375"],
    ]),
  },
  known,
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
      units: new Map([
        ["EUR", "1"],
        ["USD", "0.5"],
      ]),
    },
    known,
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

test("equal rates have one name, other rates another", () => {
  const rates = { publishedOn: "2030-01-01", units: gulf.units };
  assert.equal(
    createSnapshot("ecb", rates, { ...known, asOf: new Date("2030-01-03T00:00:00Z") }).id,
    gulf.id,
  );
  const corrected = { ...rates, units: new Map([...rates.units, ["USD", "1.26"]]) };
  assert.notEqual(createSnapshot("ecb", corrected, known).id, gulf.id);
});

test("rates are stale once their provider was silent for 24 hours; bundled rates never are", () => {
  const hoursLater = (hours: number) => new Date(asOf.getTime() + hours * 3_600_000);
  assert.equal(isStale(gulf, true, hoursLater(24)), false);
  assert.equal(isStale(gulf, true, hoursLater(24.01)), true);
  assert.equal(isStale(bundled, false, hoursLater(24.01)), false);
  const standIn = createSnapshot("snapshot", published, { ...known, asOf: new Date("2019-03-01") });
  assert.equal(isStale(standIn, true, hoursLater(0)), true, "bundled rates that stand in for the bank's");
});

test("the bundled table has the 33 currencies of the public contract, in its order", () => {
  assert.equal(
    [...bundled.units.keys()].join(" "),
    "EUR USD JPY BGN CZK DKK GBP HUF PLN RON SEK CHF ISK NOK HRK RUB TRY AUD BRL CAD CNY HKD IDR ILS INR KRW MXN MYR NZD PHP SGD THB ZAR",
  );
  assert.equal(decimalsOf("HRK"), 2);
});

test("a base currency that the rates know is sold in with all of theirs, any other alone", () => {
  const inDinars = createSnapshot("snapshot", published, { asOf, baseCurrency: "KWD" });
  assert.deepEqual(currenciesSold(bundled), [...published.units.keys()]);
  assert.deepEqual(currenciesSold(inDinars), ["KWD"]);
  assert.deepEqual(convertMoney(money("KWD", 19_990n), "KWD", inDinars), money("KWD", 19_990n));
  assert.throws(() => convertMoney(money("KWD", 1n), "EUR", inDinars), /This shop sells in KWD alone/);
  assert.throws(() => convertMoney(money("USD", 1n), "KWD", inDinars), /"KWD" is not known/);
  assert.deepEqual(convertMoney(money("EUR", 100n), "USD", inDinars), money("USD", 113n));
});

test("units for one EUR follow from rates that count in anything else, and from none without EUR", () => {
  const rates = { units: new Map(Object.entries({ KWD: "1", USD: "3.25", EUR: "3.0" })) };
  const own = createSnapshot("fixed", rates, { asOf, baseCurrency: "KWD" });
  assert.deepEqual(
    ["EUR", "USD", "KWD", "JPY"].map((one) => unitsPerEuro(one, own)),
    ["1", "1.08333333", "0.33333333", undefined],
  );
  assert.equal(unitsPerEuro("JPY", bundled), "126.40");
  assert.match(own.id, /^fixed-[0-9a-f]{12}$/);
  const without = createSnapshot("fixed", { units: new Map([["KWD", "1"]]) }, { asOf, baseCurrency: "KWD" });
  assert.equal(unitsPerEuro("KWD", without), undefined);
});

test("whoever reckons with the published rates gets what the service would have said, to the minor unit", () => {
  const { units } = bundled;
  const codes = [...units.keys()];
  const amounts = codes.flatMap((code) =>
    [1n, 99n, 1_999n, 123_456_789n, -50n].map((minor) => money(code, minor)),
  );
  for (const toCode of codes)
    assert.deepEqual(
      convertWith(units, amounts, toCode, "USD"),
      amounts.map((amount) => convertMoney(amount, toCode, bundled)),
    );
  assert.equal(convertWith(units, [money("USD", 1n)], "XXX", "USD"), undefined);
  assert.deepEqual(convertWith(new Map(), [money("KWD", 5n)], "KWD", "KWD"), [money("KWD", 5n)]);
  assert.equal(convertWith(units, [money("USD", 2n ** 62n)], "IDR", "USD"), undefined);
});
