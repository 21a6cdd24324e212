import assert from "node:assert/strict";
import { it } from "node:test";
import { AppError, appError } from "#platform/kit/errors.ts";
import { money } from "#platform/kit/money.ts";
import { namingShortLines, stockInsufficient, type ShortLine } from "./shortage.ts";

const short = (name: string, requested: number, available: number): ShortLine => {
  return { productId: `p-${name}`, variantId: `v-${name}`, name, requested, available };
};
const bought = (name: string, quantity: number) => {
  const unitPrice = money("USD", 100n);
  return {
    productId: `p-${name}`,
    variantId: `v-${name}`,
    productCode: "",
    name,
    quantity,
    unitPrice,
    subtotal: unitPrice,
  };
};

it("short lines are named with what is left, to programs and to people", () => {
  const error = stockInsufficient([short("Mug", 3, 1), short("Lamp", 1, 0), short("", 2, 0)]);
  assert.deepEqual([error.kind, error.reason], ["conflict", "STOCK_INSUFFICIENT"]);
  assert.deepEqual(error.details["lines"], [short("Mug", 3, 1), short("Lamp", 1, 0), short("", 2, 0)]);
  assert.equal(
    error.publicMessage,
    "There is not enough of “Mug” (3 wanted, 1 left), “Lamp” (1 wanted, none left), a product that is no more (2 wanted, none left). Nothing was bought.",
  );
  const many = Array.from({ length: 100 }, (_, index) => short(`Thing ${index}`, 1, 0));
  assert.match(stockInsufficient(many).publicMessage, /“Thing 2” \(1 wanted, none left\) and 97 more\./);
});

it("what the catalogue says of variants is told with the names of the purchase; other errors stay as they are", () => {
  const lines = [bought("Mug", 3), bought("Lamp", 1)];
  const shortages = [{ productId: "", variantId: "v-Mug", requested: 3, available: -2 }];
  const refused = appError("conflict", "STOCK_INSUFFICIENT", { details: { lines: shortages } });
  const named = namingShortLines(refused, { lines });
  assert.ok(named instanceof AppError);
  assert.deepEqual(named.details["lines"], [short("Mug", 3, 0)]);
  for (const other of [
    new Error("x"),
    appError("conflict", "RESERVATION_ENDED"),
    appError("conflict", "STOCK_INSUFFICIENT"),
    appError("conflict", "STOCK_INSUFFICIENT", { details: { lines: [{ variantId: "v-Other" }] } }),
  ])
    assert.equal(namingShortLines(other, { lines }), other);
});
