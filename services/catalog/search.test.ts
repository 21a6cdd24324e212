import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isOneTypoApart, lettersMissing, searchExpression, searchWords } from "./search.ts";

test("a search is cut into small words without accents and signs", () => {
  assert.deepEqual(searchWords("Crème  BRÛLÉE, salt&pepper mug"), [
    "creme",
    "brulee",
    "salt",
    "pepper",
    "mug",
  ]);
  assert.deepEqual(searchWords("& | ! () :*"), []);
  assert.equal(searchWords("one two three four five six seven eight nine ten").length, 8);
});

test("the expression wants each word, by its beginning or by what it may mean", () => {
  const words = [
    { word: "blue", meant: [] },
    { word: "lofers", meant: ["loafers", "lovers"] },
  ];
  assert.equal(searchExpression(words), "(blue:*) & (lofers:* | loafers | lovers)");
});

test("one letter more, less, other or two swapped is one typo; the same word and two typos are not", () => {
  for (const other of ["loafrs", "loaferss", "xloafers", "loavers", "laofers", "loafesr"])
    assert.ok(isOneTypoApart("loafers", other) && isOneTypoApart(other, "loafers"), other);
  for (const other of ["loafers", "lafrs", "loavrs", "lofaesr", "", "loaferszz", "sloafer"])
    assert.ok(!isOneTypoApart("loafers", other), other);
});

test("any word with one typo shares what is left of it with the right word", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), minLength: 2, maxLength: 8 });
  const seenApart = { count: 0 };
  fc.assert(
    fc.property(word, word, (a, b) => {
      if (!isOneTypoApart(a, b)) return;
      seenApart.count += 1;
      const left = new Set(lettersMissing(a));
      assert.ok(
        lettersMissing(b).some((rest) => left.has(rest)),
        `${a} ${b}`,
      );
    }),
    { numRuns: 5_000 },
  );
  assert.ok(seenApart.count > 20);
});
