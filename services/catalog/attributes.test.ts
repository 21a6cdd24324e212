import assert from "node:assert/strict";
import { test } from "node:test";
import { attributeAlternatives, attributesFault } from "./attributes.ts";

test("texts, numbers, truth values, lists and small objects are attributes", () => {
  const fine = {
    colour: "red",
    "Größe 2": 2,
    hot: true,
    none: null,
    list: ["a", 1],
    deep: { a: { b: "c" } },
  };
  assert.equal(attributesFault(fine), undefined);
});

test("what is too many, too deep, too long or not storable is none", () => {
  const wrong = [
    Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`a${index}`, 1])),
    { a: { b: { c: { d: 1 } } } },
    { a: "x".repeat(8_200) },
    { a: "\0" },
    { a: "\udc00" },
    { a: Number.NaN },
    { a: ["\u0001"] },
    { a: { "\0": 1 } },
    { "": 1 },
    { "<b>": 1 },
  ];
  for (const attributes of wrong)
    assert.notEqual(attributesFault(attributes as never), undefined, JSON.stringify(attributes));
});

test("a wanted value means the text, a member of a list, and the number or truth value it spells", () => {
  assert.deepEqual(attributeAlternatives({ name: "size", value: "2.5" }), [
    '{"size":"2.5"}',
    '{"size":["2.5"]}',
    '{"size":2.5}',
  ]);
  assert.deepEqual(attributeAlternatives({ name: "hot", value: "true" }).at(-1), '{"hot":true}');
  for (const value of ["007", "-", "1e5", "", '"}'])
    for (const json of attributeAlternatives({ name: 'a"b', value })) assert.ok(JSON.parse(json));
});
