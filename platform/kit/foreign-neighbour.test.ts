import assert from "node:assert/strict";
import { test } from "node:test";
import { isForeignNeighbour } from "./foreign-neighbour.ts";

test("a neighbour is ours unless the environment says otherwise, and what it says is one of two words", () => {
  for (const environment of [{}, { CURRENCY_CONTRACT: "" }, { CURRENCY_CONTRACT: "stoa" }])
    assert.equal(isForeignNeighbour("currency", environment), false);
  assert.equal(isForeignNeighbour("currency", { CURRENCY_CONTRACT: "hipstershop" }), true);
  assert.throws(() => isForeignNeighbour("currency", { CURRENCY_CONTRACT: "oteldemo" }), /CURRENCY_CONTRACT/);
});
