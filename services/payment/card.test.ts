import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { parseCard, yearsAheadMax, type TypedCard } from "./card.ts";

const now = new Date("2026-11-20T12:00:00Z");
const visa: TypedCard = { number: "4242424242424242", expiryMonth: 12, expiryYear: 2030, cvc: "123" };

function parse(change: Partial<TypedCard>) {
  return parseCard({ ...visa, ...change }, { now, yearsAheadMax });
}

function isRefused(change: Partial<TypedCard>): boolean {
  try {
    parse(change);
    return false;
  } catch (error) {
    if (isReason(error, "CARD_INVALID")) return true;
    throw error;
  }
}

test("Visa and Mastercard are told apart by their ranges, with spaces and dashes or without", () => {
  assert.equal(parse({}).brand, "visa");
  assert.equal(parse({ number: "4432-8015-6152-0454" }).brand, "visa");
  assert.equal(parse({ number: "5555 5555 5555 4444" }).brand, "mastercard");
  assert.equal(parse({ number: "2223003122003222" }).brand, "mastercard");
  assert.equal(parse({ number: "4222222222222" }).last4, "2222");
});

test("other brands, lengths and characters are refused", () => {
  const numbers = ["", "4242", "378282246310005", "6011111111111117", "30569309025904", "2720999999999999"];
  const texts = [
    "424242424242424x",
    "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
    " ".repeat(16),
    "4242424242424242".repeat(2),
    "4.242424242424242e15",
  ];
  for (const number of [...numbers, ...texts]) assert.ok(isRefused({ number }), number);
});

test("any single wrong digit is refused", () => {
  for (let index = 0; index < 16; index += 1) {
    for (const digit of "0123456789") {
      const number = visa.number.slice(0, index) + digit + visa.number.slice(index + 1);
      assert.equal(isRefused({ number }), number !== visa.number, number);
    }
  }
});

test("a card is good through the end of its month and not after", () => {
  assert.ok(!isRefused({ expiryMonth: 11, expiryYear: 2026 }));
  assert.ok(isRefused({ expiryMonth: 10, expiryYear: 2026 }));
  assert.ok(isRefused({ expiryMonth: 12, expiryYear: 2025 }));
  const lastMoment = { now: new Date("2026-11-30T23:59:59.999Z"), yearsAheadMax };
  assert.equal(parseCard({ ...visa, expiryMonth: 11, expiryYear: 2026 }, lastMoment).last4, "4242");
});

test("months outside 1 to 12, years of two digits and years beyond a human's plans are refused", () => {
  for (const expiryMonth of [0, 13, -1, 1.5, Number.NaN]) assert.ok(isRefused({ expiryMonth }));
  for (const expiryYear of [30, 99, 0, 2127, 20300]) assert.ok(isRefused({ expiryYear }));
  assert.ok(!isRefused({ expiryYear: 2126 }));
});

test("the security code has exactly three ASCII digits", () => {
  for (const cvc of ["", "12", "1234", "12a", "١٢٣", " 12"]) assert.ok(isRefused({ cvc }));
});

test("a card never shows its number, also not in the refusal of a wrong one", () => {
  assert.doesNotMatch(inspect(parse({})) + JSON.stringify(parse({})), /42424242424242/);
  const rejected = "4242424242424241";
  assert.throws(
    () => parse({ number: rejected }),
    (error: Error) =>
      !inspect(error, { depth: 9 })
        .replace(error.stack ?? "", "")
        .includes(rejected),
  );
});
