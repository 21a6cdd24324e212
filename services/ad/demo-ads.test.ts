import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { demoAds } from "./demo-ads.ts";

const products = JSON.parse(
  readFileSync(new URL("../catalog/demo/products.json", import.meta.url), "utf8"),
) as { code: string; categories: string[] }[];

test("every demo ad leads to a demo product of its category and has a picture that exists", () => {
  for (const { redirectUrl, imageUrl, contextKeys } of demoAds) {
    const product = products.find(({ code }) => redirectUrl === `/product/${code}`);
    assert.ok(product && contextKeys.every((key) => product.categories.includes(key)), redirectUrl);
    assert.ok(existsSync(new URL(`../storefront${imageUrl}`, import.meta.url)), imageUrl);
  }
});

test("every category of the demo catalogue has an ad, and the kitchen has two", () => {
  const categories = new Set(products.flatMap((product) => product.categories));
  for (const category of categories) {
    const count = demoAds.filter(({ contextKeys }) => contextKeys.includes(category)).length;
    assert.equal(count, category === "kitchen" ? 2 : 1, category);
  }
});
