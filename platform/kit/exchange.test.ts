import assert from "node:assert/strict";
import { test } from "node:test";
import { convertAt, parseRate, restateMoney } from "./exchange.ts";
import { formatDecimal, money } from "./money.ts";

test("a rate is read exactly, and nothing that is no positive decimal number is a rate", () => {
  assert.equal(parseRate("1.1305"), 113_050_000n);
  assert.equal(parseRate("0.00000001"), 1n);
  assert.equal(parseRate("999999999"), 99_999_999_900_000_000n);
  const faults = [
    "",
    "0",
    "0.0",
    "-1",
    "+1",
    "1e3",
    "1,5",
    ".5",
    "1.",
    "1.123456789",
    "1234567890",
    " 1",
    "NaN",
  ];
  for (const text of faults) assert.throws(() => parseRate(text), /must be a positive decimal number/, text);
});

test("an amount converts between currencies of any decimals, rounded once and half to even", () => {
  const threeToOne = { from: parseRate("1"), to: parseRate("3") };
  assert.deepEqual(convertAt(money("USD", 1999n), "KWD", threeToOne), money("KWD", 59_970n));
  assert.deepEqual(convertAt(money("KWD", 59_970n), "JPY", threeToOne), money("JPY", 180n));
  const half = { from: parseRate("2"), to: parseRate("1") };
  assert.deepEqual(convertAt(money("JPY", 1n), "JPY", half), money("JPY", 0n));
  assert.deepEqual(convertAt(money("JPY", 3n), "JPY", half), money("JPY", 2n));
  assert.deepEqual(convertAt(money("JPY", -3n), "JPY", half), money("JPY", -2n));
});

const restated: [from: string, code: string, to: string][] = [
  ["19.99", "USD", "19.99"],
  // 19.99 / 1.1305 · 1, 126.40, 15999.40
  ["19.99", "EUR", "17.68"],
  ["19.99", "JPY", "2235"],
  ["19.99", "IDR", "282908.45"],
  // Not in the table: the figures stay.
  ["19.99", "KWD", "19.990"],
  ["0.75", "KWD", "0.750"],
  ["19.99", "CLP", "20"],
  ["20.00", "CLP", "20"],
  ["0.01", "CLP", "1"],
  ["19.99", "CHE", "19.99"],
];
for (const [amount, code, expected] of restated)
  test(`what costs ${amount} USD in the examples costs ${expected} ${code}`, () => {
    const minor = BigInt(amount.replace(".", ""));
    assert.equal(formatDecimal(restateMoney(money("USD", minor), code)), expected);
  });
