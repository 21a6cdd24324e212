import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newId } from "#platform/kit/ids.ts";
import { isSlug, slugOf, slugWithSuffix } from "./slug.ts";

test("names become readable slugs, and what has no letters or digits becomes none", () => {
  const table: [string, string | undefined][] = [
    ["Crème Brûlée Set", "creme-brulee-set"],
    ["Day & Night Salt & Pepper Shakers", "day-night-salt-pepper-shakers"],
    ["  The Potter's   Mug!  ", "the-potters-mug"],
    ["ﬁne № 5", "fine-no-5"],
    ["Große Straße", "grosse-strasse"],
    ["日本", undefined],
    ["!!!", undefined],
  ];
  for (const [name, slug] of table) assert.equal(slugOf(name), slug, name);
});

test("whatever the name, a slug that is made is a slug, also with a suffix", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (name) => {
      const slug = slugOf(`a ${name}`);
      assert.ok(slug !== undefined && isSlug(slug));
      assert.ok(isSlug(slugWithSuffix(slug)));
    }),
  );
});

test("an id, capitals, double or outer hyphens and the empty text are no slugs", () => {
  for (const text of [newId(), "A", "a--b", "-a", "a-", "", "a_b", "a".repeat(81)])
    assert.ok(!isSlug(text), text);
});
