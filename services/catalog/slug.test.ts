import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newId } from "#platform/kit/ids.ts";
import { isSlug, slugOf, slugWithSuffix } from "./slug.ts";

test("names of any script become readable slugs, and what has no letters or digits becomes none", () => {
  const table: [string, string | undefined][] = [
    ["Crème Brûlée Set", "creme-brulee-set"],
    ["Day & Night Salt & Pepper Shakers", "day-night-salt-pepper-shakers"],
    ["  The Potter's   Mug!  ", "the-potters-mug"],
    ["ﬁne № 5", "fine-no-5"],
    ["Große Straße", "grosse-strasse"],
    ["GROẞE", "grosse"],
    ["Ørsted lampe", "orsted-lampe"],
    ["Łódź mug", "lodz-mug"],
    ["Æon", "aeon"],
    ["Œuvre Þór Đà Nẵng ıİ Ħal", "oeuvre-thor-da-nang-ii-hal"],
    ["Đồng hồ cổ", "dong-ho-co"],
    ["茶具", "茶具"],
    ["日本", "日本"],
    ["Чай", "чай"],
    ["Ёлочная игрушка", "ёлочная-игрушка"],
    ["شاي", "شاي"],
    ["می‌شود", "میشود"],
    ["हिन्दी चाय", "हिन्दी-चाय"],
    ["ชาไทย", "ชาไทย"],
    ["ｶﾞﾗｽ", "ガラス"],
    ["한국 차", "한국-차"],
    ["Καφές", "καφές"],
    ["C++", "c-plus-plus"],
    ["C#", "c-sharp"],
    ["100% Wool", "100-percent-wool"],
    ["#1 Gifts", "1-gifts"],
    ["☕️ Tea", "tea"],
    ["!!!", undefined],
    ["☕️", undefined],
  ];
  for (const [name, slug] of table) assert.equal(slugOf(name), slug, name);
});

test("whatever the name, a slug that is made is a slug and stays what it is, also with a suffix", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (name) => {
      const slug = slugOf(`a ${name}`);
      assert.ok(slug !== undefined && isSlug(slug), slug ?? name);
      assert.equal(slugOf(slug), slug);
      assert.ok(isSlug(slugWithSuffix(slug)));
    }),
  );
});

test("an id, capitals, double or outer hyphens and the empty text are no slugs", () => {
  for (const text of [
    newId(),
    "A",
    "Ч",
    "a--b",
    "-a",
    "a-",
    "",
    "a_b",
    "a/b",
    "a".repeat(81),
    "e\u0301",
    "\u0301e",
  ])
    assert.ok(!isSlug(text), text);
});
