import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newId } from "#platform/kit/ids.ts";
import { findWished, parseCategoryWish, slugCandidates, type KnownCategory } from "./category.ts";

test("different names never mean one category, and one name always means the same", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "C",
      "C++",
      "C#",
      "R&B",
      "RB",
      "R B",
      "Tea",
      "Tea!",
      "TEA",
      "Crème",
      "Creme",
      "Hi-Fi",
      "Hi Fi",
      "茶",
      "茶具",
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).map((text) => `A${text}`),
  );
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 12 }), (names) => {
      const known: KnownCategory[] = [];
      const idsByName = new Map<string, string>();
      for (const text of [...names, ...names]) {
        const wish = parseCategoryWish(text);
        if (!wish) continue;
        let found = findWished(wish, known);
        if (!found) {
          const slug = slugCandidates(wish.plainSlug, wish.nameKey).find((free) =>
            known.every((other) => other.slug !== free),
          );
          assert.ok(slug !== undefined);
          found = { id: newId(), slug, name: wish.name, isNameMade: wish.asSlug !== undefined };
          known.push(found);
        }
        const key = text.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
        assert.equal(idsByName.get(key) ?? found.id, found.id, text);
        idsByName.set(key, found.id);
      }
      assert.equal(new Set(idsByName.values()).size, idsByName.size);
    }),
  );
});
