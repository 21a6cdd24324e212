import assert from "node:assert/strict";
import { test } from "node:test";
import { barChart, lineChart, sparkline, type Point } from "./chart.ts";

const words = { asTable: "As a table", label: "Day", value: "Sum" };
const chart = (points: readonly Point[]) => ({
  id: "sums",
  title: "Sums <1>",
  description: "A and B",
  points,
  words,
});
const numbers = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, value]) => Number(value));

test("a picture has a title, a description and the same figures as a table, all escaped, and no style", () => {
  const points = [
    { label: "<b>", value: 2, text: "€2.00" },
    { label: "B", value: 4 },
  ];
  for (const { text } of [barChart(chart(points)), lineChart(chart(points))]) {
    assert.match(text, /<svg [^>]*role="img" aria-labelledby="sums-title sums-description">/);
    assert.match(text, /<title id="sums-title">Sums &lt;1&gt;<\/title>/);
    assert.match(text, /<desc id="sums-description">A and B<\/desc>/);
    assert.match(text, /<th scope="row">&lt;b&gt;<\/th>\s*<td>€2\.00<\/td>/);
    assert.match(text, /<th scope="row">B<\/th>\s*<td>4<\/td>/);
    assert.doesNotMatch(text, /<b>|style=|<script/);
  }
});

test("bars stand on zero: twice the figure is twice the height, and less than nothing hangs below", () => {
  const { text } = barChart(chart([2, 4, -2].map((value) => ({ label: String(value), value }))));
  const [two = 0, four = 0, less = 0] = numbers(text, /class="bar"[^>]*?\sheight="([\d.]+)"/g);
  assert.ok(Math.abs(four - 2 * two) < 0.2 && Math.abs(less - two) < 0.2, String([two, four, less]));
  const [axis = 0] = numbers(text, /class="axis"[^>]*y1="([\d.]+)"/g);
  const [, , below = 0] = numbers(text, /class="bar"[^>]*?\sy="([\d.]+)"/g);
  assert.equal(below, axis);
});

test("nothing, one point and nothing but zeros are drawn without a number that is none", () => {
  for (const values of [[], [5], [0, 0]]) {
    const points = values.map((value) => ({ label: "x", value }));
    for (const { text } of [barChart(chart(points)), lineChart(chart(points)), sparkline("x", values)])
      assert.doesNotMatch(text, /NaN|Infinity/);
  }
});

test("a line rises with its figures and stays in the picture", () => {
  const { text } = lineChart(chart([1, 3, 2].map((value) => ({ label: "x", value }))));
  const [, points = ""] = /class="line" points="([^"]*)"/.exec(text) ?? [];
  const places = points.split(" ").map((place) => place.split(",").map(Number));
  assert.equal(places.length, 3);
  const [low = 0, high = 0, middle = 0] = places.map(([, y = 0]) => y);
  assert.ok(high < middle && middle < low && high >= 0 && low <= 220);
  assert.match(sparkline("Seven days", [1, 2]).text, /role="img" aria-label="Seven days"/);
});
