import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { AppError } from "./errors.ts";
import {
  add,
  allocate,
  decimalsOf,
  divideHalfEven,
  formatDecimal,
  isSame,
  money,
  parseDecimal,
  subtract,
  sum,
  times,
  zero,
} from "./money.ts";

const amounts = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const weights = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 20 })
  .filter((list) => list.some((weight) => weight > 0n));
const codes = fc.constantFrom("USD", "EUR", "JPY", "KRW", "KWD", "BHD", "HUF", "IDR", "CLF", "TRY");

const total = (parts: readonly { minor: bigint }[]) => parts.reduce((left, { minor }) => left + minor, 0n);
const absolute = (value: bigint) => (value < 0n ? -value : value);

it("the parts of an allocated amount add up to it exactly, whatever the weights", () => {
  fc.assert(
    fc.property(amounts, weights, (minor, list) => {
      const parts = allocate(money("USD", minor), list);
      assert.equal(parts.length, list.length);
      assert.equal(total(parts), minor);
    }),
  );
});

it("each allocated part is less than one minor unit away from its exact share", () => {
  fc.assert(
    fc.property(amounts, weights, (minor, list) => {
      const whole = list.reduce((left, weight) => left + weight, 0n);
      allocate(money("USD", minor), list).forEach((part, index) => {
        assert.ok(absolute(part.minor * whole - minor * (list[index] ?? 0n)) < whole);
      });
    }),
  );
});

it("a larger weight never gets a smaller part, and weight 0 gets nothing", () => {
  fc.assert(
    fc.property(amounts, weights, (minor, list) => {
      const parts = allocate(money("USD", minor), list).map((part) => absolute(part.minor));
      const byWeight = list.map((weight, index) => ({ weight, size: parts[index] ?? 0n }));
      for (const one of byWeight) {
        if (one.weight === 0n) assert.equal(one.size, 0n);
        for (const other of byWeight) if (one.weight > other.weight) assert.ok(one.size >= other.size);
      }
    }),
  );
});

it("equal remainders are settled for the earlier part", () => {
  assert.deepEqual(
    allocate(money("USD", 100n), [1n, 1n, 1n]).map(({ minor }) => minor),
    [34n, 33n, 33n],
  );
  assert.deepEqual(
    allocate(money("USD", -100n), [1n, 1n, 1n]).map(({ minor }) => minor),
    [-34n, -33n, -33n],
  );
});

it("weights that are negative or add up to nothing are a bug, not a division by zero", () => {
  for (const list of [[], [0n], [0n, 0n], [3n, -1n]])
    assert.throws(() => allocate(money("USD", 1n), list), /allocate needs weights/);
});

it("division rounds to the nearest, and ties to the even one, for all signs", () => {
  const numerators = fc.oneof(amounts, fc.bigInt({ min: -50n, max: 50n }));
  const denominators = fc
    .oneof(amounts, fc.bigInt({ min: -12n, max: 12n }))
    .filter((denominator) => denominator !== 0n);
  fc.assert(
    fc.property(numerators, denominators, (numerator, denominator) => {
      const quotient = divideHalfEven(numerator, denominator);
      // Twice the distance from the exact quotient, as a fraction of the denominator.
      const distance = absolute(2n * (numerator - quotient * denominator));
      const size = absolute(denominator);
      assert.ok(distance <= size);
      if (distance === size) assert.equal(quotient % 2n, 0n);
    }),
    { numRuns: 1_000 },
  );
});

it("the classic ties: 0.5, 1.5, 2.5 and their negatives", () => {
  const halves = [1n, 3n, 5n, -1n, -3n, -5n].map((numerator) => divideHalfEven(numerator, 2n));
  assert.deepEqual(halves, [0n, 2n, 2n, 0n, -2n, -2n]);
});

it("decimals follow ISO 4217, whatever the currency data of the runtime say", () => {
  const expected = { USD: 2, JPY: 0, KWD: 3, HUF: 2, IDR: 2, ISK: 0, UGX: 0, CLF: 4, TWD: 2, HRK: 2 };
  for (const [code, decimals] of Object.entries(expected)) assert.equal(decimalsOf(code), decimals, code);
});

it("what is formatted reads back as the same amount", () => {
  const readable = fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n });
  fc.assert(
    fc.property(readable, codes, (minor, code) => {
      const amount = money(code, minor);
      assert.ok(isSame(parseDecimal(formatDecimal(amount), code, "price", true), amount));
    }),
  );
});

it("amounts are written with exactly the decimals of their currency", () => {
  assert.equal(formatDecimal(money("USD", 1999n)), "19.99");
  assert.equal(formatDecimal(money("USD", -5n)), "-0.05");
  assert.equal(formatDecimal(money("JPY", 20n)), "20");
  assert.equal(formatDecimal(money("KWD", 1n)), "0.001");
  assert.equal(formatDecimal(money("HUF", 100n)), "1.00");
});

it("zeros beyond the decimals of the currency are the same amount, other digits are refused", () => {
  const same: [string, string, bigint][] = [
    ["12.500", "USD", 1250n],
    ["45.000000", "USD", 4500n],
    ["20.00", "JPY", 20n],
    ["1.0500000", "KWD", 1050n],
    [`0.10${"0".repeat(30)}`, "EUR", 10n],
    ["00000000000012.50", "USD", 1250n],
  ];
  for (const [text, code, minor] of same) assert.equal(parseDecimal(text, code).minor, minor, text);
  const others: [string, string][] = [
    ["12.505", "USD"],
    ["12.5000001", "USD"],
    ["20.5", "JPY"],
    ["20.05", "JPY"],
    ["1.00005", "KWD"],
    [`1.${"0".repeat(60)}`, "USD"],
    ["1.00 ", "USD"],
    ["1.000x", "USD"],
  ];
  for (const [text, code] of others) assert.throws(() => parseDecimal(text, code), AppError, text);
});

it("fewer decimals than the currency has are read, more are refused", () => {
  assert.equal(parseDecimal("20", "USD").minor, 2000n);
  assert.equal(parseDecimal("20.5", "USD").minor, 2050n);
  assert.equal(parseDecimal("20.5", "KWD").minor, 20500n);
  assert.throws(() => parseDecimal("20.555", "USD"), AppError);
});

const refused = [
  ...["", " ", " 1", "1 ", "1\n", "+1", "-1", "--1", ".5", "1.", "1.2.3", "1,5", "1_000"],
  ...["1e2", "1e400", "0x10", "NaN", "Infinity", "٣", "１", "1\u00a0", "$1", "null"],
  ...["1".repeat(19), "9".repeat(100_000), `0.${"0".repeat(100_000)}1`],
];

for (const text of refused) {
  const shown = text.length > 20 ? `${text.length} characters` : JSON.stringify(text);
  it(`${shown} is refused as an amount, with the path of the field`, () => {
    assert.throws(
      () => parseDecimal(text, "USD", "items[0].price"),
      (error: unknown) =>
        error instanceof AppError &&
        error.reason === "VALIDATION_FAILED" &&
        error.violations[0]?.path === "items[0].price",
    );
  });
}

it("a negative amount is read only where it is allowed", () => {
  assert.equal(parseDecimal("-1.50", "USD", "amount", true).minor, -150n);
  assert.equal(parseDecimal("-0", "USD", "amount", true).minor, 0n);
});

for (const code of ["", "usd", "US", "USDX", "US1", "ÜSD", "USD\n", "__proto__"]) {
  it(`${JSON.stringify(code)} is refused as a currency code`, () => {
    assert.throws(() => decimalsOf(code), AppError);
  });
}

it("sums keep their currency and refuse to mix two", () => {
  const prices = [money("USD", 1n), money("USD", 2n)];
  assert.deepEqual(sum("USD", prices), money("USD", 3n));
  assert.deepEqual(sum("EUR", []), zero("EUR"));
  assert.throws(() => add(money("USD", 1n), money("EUR", 1n)), /Cannot mix USD and EUR/);
  assert.throws(() => subtract(money("USD", 1n), money("EUR", 1n)), /Cannot mix/);
  assert.throws(() => sum("EUR", prices), /Cannot mix/);
});

it("an amount is multiplied by whole numbers only", () => {
  assert.deepEqual(times(money("USD", 435n), 100), money("USD", 43_500n));
  assert.throws(() => times(money("USD", 435n), 1.5), RangeError);
});
