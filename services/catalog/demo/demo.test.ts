import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

interface Price {
  amount: string;
  currencyCode: string;
}

interface DemoProduct {
  code: string;
  slug: string;
  name: string;
  description: string;
  category: string;
  categories: string[];
  price: Price;
  imageUrl: string;
  attributes: Record<string, string>;
  keywords: string[];
  variants: { sku: string; options: Record<string, string>; price: Price; stockQuantity: number }[];
}

interface DemoCategory {
  slug: string;
  name: string;
  description: string;
  parent?: string;
}

const products: DemoProduct[] = JSON.parse(readFileSync(new URL("products.json", import.meta.url), "utf8"));
const categories: DemoCategory[] = JSON.parse(
  readFileSync(new URL("categories.json", import.meta.url), "utf8"),
);
const storefront = new URL("../../storefront/", import.meta.url);
const images = new URL("static/img/", storefront);

const CONTRACT: [code: string, words: string, amount: string, categories: string[]][] = [
  ["OLJCESPC7Z", "Sunglasses", "19.99", ["accessories"]],
  ["66VCHSJNUP", "Tank Top", "18.99", ["clothing", "tops"]],
  ["1YMWWN1N4O", "Watch", "109.99", ["accessories"]],
  ["L9ECAV7KIM", "Loafers", "89.99", ["footwear"]],
  ["2ZYFJ3GM2N", "Hairdryer", "24.99", ["hair", "beauty"]],
  ["0PUK6V6EV0", "Candle Holder", "18.99", ["decor", "home"]],
  ["LS4PSXUNUM", "Salt & Pepper Shakers", "18.49", ["kitchen"]],
  ["9SIQT8TOJO", "Bamboo Glass Jar", "5.49", ["kitchen"]],
  ["6E92ZMYYFZ", "Mug", "8.99", ["kitchen"]],
];

function assertUnique(values: string[], what: string): void {
  const repeated = values.filter((value, index) => values.indexOf(value) !== index);
  assert.deepEqual(repeated, [], `each ${what} must occur once`);
}

test("the catalogue is wide enough to browse: 54 products, nine categories, half with a choice", () => {
  assert.ok(products.length >= 54);
  assert.ok(new Set(products.map((product) => product.category)).size >= 9);
  const withChoice = products.filter((product) => product.variants.length > 1);
  assert.ok(withChoice.length >= products.length / 2);
});

test("codes, slugs, names and SKUs occur once and have their form", () => {
  assertUnique(
    products.map((product) => product.code),
    "code",
  );
  assertUnique(
    products.map((product) => product.slug),
    "slug",
  );
  assertUnique(
    products.map((product) => product.name),
    "name",
  );
  assertUnique(
    products.flatMap((product) => product.variants.map((variant) => variant.sku)),
    "SKU",
  );
  for (const product of products) {
    assert.match(product.code, /^[A-Z0-9]{10}$/);
    assert.match(product.slug, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    for (const variant of product.variants) assert.match(variant.sku, /^[A-Z0-9]+(-[A-Z0-9]+)*$/);
  }
});

test("the nine contract products keep their codes, prices, category words and product words", () => {
  for (const [code, words, amount, categoryWords] of CONTRACT) {
    const product = products.find((candidate) => candidate.code === code);
    assert.ok(product, `${code} (${words}) must be in the catalogue`);
    assert.ok(product.name.includes(words), `${product.name} must contain "${words}"`);
    assert.deepEqual(product.price, { amount, currencyCode: "USD" });
    assert.deepEqual(product.categories, categoryWords);
  }
});

test("every product is in categories that exist, its primary category among them", () => {
  const known = new Set(categories.map((category) => category.slug));
  assertUnique(
    categories.map((category) => category.slug),
    "category",
  );
  for (const product of products) {
    assert.ok(product.categories.includes(product.category), `${product.slug} must list ${product.category}`);
    for (const slug of product.categories) assert.ok(known.has(slug), `${product.slug} names ${slug}`);
  }
});

test("categories form two levels and none is empty", () => {
  for (const category of categories) {
    const parent = categories.find((candidate) => candidate.slug === category.parent);
    if (category.parent !== undefined) {
      assert.ok(parent, `the parent ${category.parent} must exist`);
      assert.equal(parent.parent, undefined, `${category.slug} must not be on a third level`);
    }
    assert.ok(
      products.some((product) => product.categories.includes(category.slug)),
      `${category.slug} is empty`,
    );
  }
});

test("the first variant costs what the product costs, and every variant is well in stock", () => {
  for (const product of products) {
    assert.ok(product.variants.length >= 1, `${product.slug} needs a variant`);
    assert.deepEqual(product.variants[0]?.price, product.price, product.slug);
    assertUnique(
      product.variants.map((variant) => JSON.stringify(variant.options)),
      `choice of ${product.slug}`,
    );
    for (const variant of product.variants) {
      assert.match(variant.price.amount, /^[1-9]\d*\.\d{2}$/);
      assert.equal(variant.price.currencyCode, "USD");
      assert.ok(variant.stockQuantity >= 4_000 && variant.stockQuantity <= 40_000, variant.sku);
    }
  }
});

test("products of one category share the attributes that become its filters", () => {
  for (const { slug } of categories) {
    const members = products.filter((product) => product.category === slug);
    const [first, ...rest] = members.map((product) => new Set(Object.keys(product.attributes)));
    const shared = rest.reduce((keys, next) => keys.intersection(next), first ?? new Set());
    assert.ok(members.length === 0 || shared.size >= 3, `${slug} shares only ${[...shared].join(", ")}`);
  }
});

test("every product has its own picture, and no picture lies unused", () => {
  const pictures = products.map((product) => {
    assert.equal(product.imageUrl, `/static/img/products/${product.slug}.svg`);
    const file = new URL(`.${product.imageUrl}`, storefront);
    assert.ok(existsSync(file), `${product.imageUrl} is missing`);
    return readFileSync(file, "utf8");
  });
  assertUnique(pictures, "picture");
  const files = readdirSync(new URL("products/", images));
  assert.deepEqual(files.sort(), products.map((product) => `${product.slug}.svg`).sort());
  for (const picture of pictures) assert.ok(Buffer.byteLength(picture) < 12 * 1024);
});

test("the pictures hold no script, no foreign document, no outside reference and no repeated id", () => {
  const files = readdirSync(images, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".svg"),
  );
  assert.ok(files.length > products.length);
  for (const name of files) {
    const svg = readFileSync(new URL(name, images), "utf8");
    assert.doesNotMatch(svg, /<(script|foreignObject|image|iframe|style|a)\b/i, name);
    assert.doesNotMatch(svg, /\son\w+=|style=|<!|@import|url\((?!#)/i, name);
    assert.doesNotMatch(svg, /href="(?!#)/i, name);
    assert.doesNotMatch(svg.replace('xmlns="http://www.w3.org/2000/svg"', ""), /https?:|data:/i, name);
    const ids = [...svg.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1] ?? "");
    assertUnique(ids, `id in ${name}`);
    for (const [, used] of svg.matchAll(/(?:url\(|href=")#([^)"]+)/g)) {
      assert.ok(used !== undefined && ids.includes(used), `${name} refers to the missing id ${used}`);
    }
  }
});

test("each ad context key has its illustration", () => {
  for (const key of ["clothing", "accessories", "footwear", "hair", "decor", "kitchen"]) {
    assert.ok(existsSync(new URL(`ads/${key}.svg`, images)), `ads/${key}.svg is missing`);
  }
});
