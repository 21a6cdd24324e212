import assert from "node:assert/strict";
import { test } from "node:test";
import { LocaleFormat } from "./locale-format.ts";

const english = new LocaleFormat("en-US");
const german = new LocaleFormat("de-DE");
const plain = (text: string) => text.replace(/\s/g, " ");

test("an amount is shown with the decimals it is charged with, in every currency", () => {
  const amounts: [amount: string, currencyCode: string][] = [
    ["19.99", "USD"],
    ["26.5", "CAD"],
    ["2235", "JPY"],
    ["1.234", "KWD"],
    ["7123.45", "HUF"],
    ["300000.99", "IDR"],
  ];
  const shownIn = (format: LocaleFormat) =>
    amounts.map(([amount, code]) => plain(format.money(amount, code)));
  assert.deepEqual(shownIn(english), [
    "$19.99",
    "CA$26.50",
    "¥2,235",
    "KWD 1.234",
    "HUF 7,123.45",
    "IDR 300,000.99",
  ]);
  assert.deepEqual(shownIn(german), [
    "19,99 $",
    "26,50 CA$",
    "2.235 ¥",
    "1,234 KWD",
    "7.123,45 HUF",
    "300.000,99 IDR",
  ]);
});

test("no digit is lost, however large the amount", () => {
  assert.equal(english.money("90071992547409.93", "USD"), "$90,071,992,547,409.93");
});

test("times, countries and lists are written as the locale writes them; what is none is given back", () => {
  assert.equal(english.time("2026-11-25T18:30:00Z"), "25 Nov 2026, 18:30 UTC");
  assert.equal(german.time("2026-11-25T18:30:00Z"), "25.11.2026, 18:30 UTC");
  assert.equal(german.time("2026-11-25"), "25.11.2026");
  assert.equal(german.time("soon"), "soon");
  assert.equal(german.country("US"), "Vereinigte Staaten");
  assert.equal(german.country("Narnia"), "Narnia");
  assert.equal(german.list(["a", "b", "c"]), "a, b und c");
});
