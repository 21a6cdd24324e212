import assert from "node:assert/strict";
import { test } from "node:test";
import { AdRotation, houseAd, type Ad } from "./ad.ts";

const named = (id: string, ...contextKeys: string[]): Ad => {
  return { id, text: `About ${id}.`, redirectUrl: `/product/${id}`, imageUrl: "", contextKeys };
};
const [mug, jar, watch] = [named("mug", "kitchen"), named("jar", "kitchen"), named("watch", "accessories")];

function openRotation(...ads: Ad[]): AdRotation {
  const rotation = new AdRotation();
  rotation.replace(ads);
  return rotation;
}

test("of the ads that match, each is shown as often as any other", () => {
  const rotation = openRotation(mug, jar, watch);
  const shown = new Map<string, number>();
  for (let turn = 0; turn < 100; turn += 1) {
    for (const { id } of rotation.next(["Kitchen", "garden"], 1)) shown.set(id, (shown.get(id) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries(shown), { jar: 50, mug: 50 });
});

test("where no ad matches, any are shown, never the same twice in one answer", () => {
  const rotation = openRotation(mug, jar, watch);
  for (const keys of [[], ["spaceships"]]) {
    const ids = rotation.next(keys, 2).map(({ id }) => id);
    assert.equal(new Set(ids).size, 2);
  }
});

test("there is always an ad, also without any and whatever the count", () => {
  assert.deepEqual(openRotation().next(["kitchen"], 2), [houseAd]);
  assert.equal(openRotation(mug, jar).next([], -5).length, 1);
  assert.deepEqual(new AdRotation().next([], 1), [houseAd]);
});

test("a new ad does not crowd out the others", () => {
  const rotation = openRotation(mug, jar);
  for (let turn = 0; turn < 100; turn += 1) rotation.next([], 1);
  rotation.replace([mug, jar, watch]);
  const shown = Array.from({ length: 30 }, () => rotation.next([], 1)[0]?.id);
  assert.equal(shown.filter((id) => id === "watch").length, 10);
});
