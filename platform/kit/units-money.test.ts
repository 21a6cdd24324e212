import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AppError } from "./errors.ts";
import { money } from "./money.ts";
import { fromUnitsMoney, toUnitsMoney } from "./units-money.ts";

test("amounts split into units and nanos by the decimals of their currency", () => {
  const table: [string, bigint, bigint, number][] = [
    ["USD", 1999n, 19n, 990_000_000],
    ["USD", 0n, 0n, 0],
    ["USD", 5n, 0n, 50_000_000],
    ["USD", -175n, -1n, -750_000_000],
    ["USD", -5n, 0n, -50_000_000],
    ["JPY", 20n, 20n, 0],
    ["KWD", 1234n, 1n, 234_000_000],
  ];
  for (const [currencyCode, minor, units, nanos] of table)
    assert.deepEqual(toUnitsMoney(money(currencyCode, minor)), { currencyCode, units, nanos });
});

test("fractions of a minor unit round to the nearest one, ties to the even one, for both signs", () => {
  const table: [string, bigint, number, bigint][] = [
    ["USD", 8n, 990_000_000, 899n],
    ["USD", 0n, 5_000_000, 0n],
    ["USD", 0n, 15_000_000, 2n],
    ["USD", 0n, 5_000_001, 1n],
    ["USD", 0n, -15_000_000, -2n],
    ["USD", -1n, -745_000_000, -174n],
    ["JPY", 1n, 500_000_000, 2n],
    ["JPY", 2n, 500_000_000, 2n],
    ["KWD", 0n, 999_500_000, 1000n],
  ];
  for (const [currencyCode, units, nanos, minor] of table)
    assert.deepEqual(fromUnitsMoney({ currencyCode, units, nanos }), money(currencyCode, minor));
});

test("units and nanos of different signs, a unit or more in nanos, and amounts beyond 64 bits are refused", () => {
  const table: [bigint, number][] = [
    [1n, -1],
    [-1n, 1],
    [0n, 1_000_000_000],
    [0n, -1_000_000_000],
    [0n, 0.5],
    [2n ** 63n - 1n, 0],
  ];
  for (const [units, nanos] of table)
    assert.throws(() => fromUnitsMoney({ currencyCode: "USD", units, nanos }), AppError);
  assert.throws(() => fromUnitsMoney({ currencyCode: "dollars", units: 1n, nanos: 0 }), AppError);
});

test("every amount survives the way there and back", () => {
  const amounts = fc.record({
    currencyCode: fc.constantFrom("USD", "JPY", "KWD", "EUR"),
    minor: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
  });
  fc.assert(
    fc.property(amounts, ({ currencyCode, minor }) => {
      const amount = money(currencyCode, minor);
      const { units, nanos } = toUnitsMoney(amount);
      assert.ok(units * BigInt(Math.sign(nanos)) >= 0n);
      assert.deepEqual(fromUnitsMoney(toUnitsMoney(amount)), amount);
    }),
  );
});
