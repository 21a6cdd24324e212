import assert from "node:assert/strict";
import { test } from "node:test";
import { priceText } from "./price.ts";

test("a price is shown with the decimals it is charged with, in every currency", () => {
  const shown = [
    ["19.99", "USD"],
    ["26.5", "CAD"],
    ["2235", "JPY"],
    ["1.234", "KWD"],
    ["7123.45", "HUF"],
    ["300000.99", "IDR"],
  ].map(([amount = "", currencyCode = ""]) => priceText({ amount, currencyCode }).replace(/\s/, " "));
  assert.deepEqual(shown, ["$19.99", "CA$26.50", "¥2,235", "KWD 1.234", "HUF 7,123.45", "IDR 300,000.99"]);
});

test("no digit is lost, however large the price", () => {
  assert.equal(priceText({ amount: "90071992547409.93", currencyCode: "USD" }), "$90,071,992,547,409.93");
});
