import assert from "node:assert/strict";
import { test } from "node:test";
import { currenciesShown } from "./currencies.ts";

const known = ["EUR", "USD", "JPY", "GBP", "CAD", "TRY", "CHF"];
const menus: [base: string, known: string[], current: string, shown: string][] = [
  ["USD", known, "USD", "USD EUR CAD JPY GBP TRY"],
  ["EUR", known, "CHF", "EUR USD CAD JPY GBP TRY CHF"],
  ["JPY", known, "EUR", "JPY USD EUR CAD GBP TRY"],
  ["KWD", ["KWD"], "KWD", "KWD"],
  ["KWD", ["KWD", "USD"], "USD", "KWD USD"],
];
for (const [base, sold, current, shown] of menus)
  test(`a shop in ${base} that sells in ${sold.length} currencies offers ${shown}`, () => {
    assert.equal(currenciesShown(sold, base, current).join(" "), shown);
  });
