import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AppError } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { changedStock, parseDemand, parseReservationId, stockMax } from "./stock.ts";

test("however lines are split, the demand of each variant is their sum, in id order", () => {
  const variants = Array.from({ length: 4 }, () => newId());
  const lines = fc.array(
    fc.record({ variantId: fc.constantFrom(...variants), quantity: fc.bigInt({ min: 1n, max: 99n }) }),
    { minLength: 1, maxLength: 50 },
  );
  fc.assert(
    fc.property(lines, (given) => {
      const { variantIds, quantities } = parseDemand(given);
      assert.deepEqual(variantIds, [...new Set(given.map(({ variantId }) => variantId))].toSorted());
      for (const [index, id] of variantIds.entries()) {
        const sum = given.reduce(
          (total, line) => (line.variantId === id ? total + line.quantity : total),
          0n,
        );
        assert.equal(quantities[index], sum);
      }
    }),
  );
});

test("changed stock is what was set, or what was there and the difference", () => {
  assert.equal(changedStock(5n, { case: "set", value: 9n }), 9n);
  assert.equal(changedStock(5n, { case: "adjust", value: -7n }), -2n);
  assert.throws(() => changedStock(5n, { case: "set", value: -1n }), AppError);
  assert.throws(() => changedStock(5n, { case: "adjust", value: stockMax }), AppError);
});

test("a reservation id is short printable text", () => {
  assert.equal(parseReservationId("order:42/a"), "order:42/a");
  for (const id of ["", " ", "a b", "ä", "a\0", "x".repeat(129)])
    assert.throws(() => parseReservationId(id), AppError, id);
});
