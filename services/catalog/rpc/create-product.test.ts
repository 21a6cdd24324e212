import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason, type AppError } from "#platform/kit/errors.ts";
import { money } from "#platform/kit/money.ts";
import type { ProductInput } from "../product-draft.ts";
import {
  asAdmin,
  asCheckout,
  asCustomer,
  asNobody,
  productWrite,
  testContext,
} from "../testing/catalog-context.ts";
import { createProduct } from "./create-product.ts";

const ctx = await testContext();

async function create(changes: Partial<ProductInput> = {}, caller = asAdmin) {
  const request = { product: productWrite(changes), idempotencyKey: "" };
  const { product } = await createProduct(ctx, request as never, caller);
  assert.ok(product);
  return { product };
}

test("only admins may create: no token 401, a customer 403, a service without a user 401", async () => {
  await assert.rejects(create({}, asNobody), (error) => isReason(error, "TOKEN_REQUIRED"));
  await assert.rejects(create({}, asCheckout), (error) => isReason(error, "TOKEN_REQUIRED"));
  await assert.rejects(create({}, asCustomer), (error) => isReason(error, "ADMIN_REQUIRED"));
});

test("code, slug and the one variant are made when absent, and the category with its first product", async () => {
  const { product } = await create({ name: "Crème Brûlée Set", category: "Sweet Things", stockQuantity: 4n });
  assert.match(product.code ?? "", /^[A-Z0-9]{10}$/);
  assert.equal(product.slug, "creme-brulee-set");
  assert.equal(product.category, "sweet-things");
  assert.deepEqual(product.categories, ["sweet-things"]);
  assert.equal(product.stockQuantity, 4n);
  const price = money("USD", 1999n);
  assert.deepEqual(product.variants, [
    { id: product.id, sku: product.code, options: {}, price, stockQuantity: 4n },
  ]);
  const [category] = await ctx.db.rows("select name from categories where slug = 'sweet-things'");
  assert.deepEqual(category, { name: "Sweet Things" });
});

test("ten products of one name written at once all get slugs of their own", async () => {
  const written = await Promise.all(
    Array.from({ length: 10 }, () => create({ name: "Twin", category: "twins" })),
  );
  const slugs = written.map(({ product }) => product.slug);
  assert.equal(new Set(slugs).size, 10);
  assert.ok(slugs.includes("twin"));
  for (const slug of slugs) assert.match(slug ?? "", /^twin(-[a-z0-9]{5})?$/);
});

test("a code, slug or SKU that another product has is refused by its own reason", async () => {
  const variants = [{ sku: "TAKEN-SKU", options: {} }];
  await create({ code: "TAKENCODE1", slug: "taken-slug", variants });
  await assert.rejects(create({ code: "TAKENCODE1" }), (error) => isReason(error, "PRODUCT_CODE_TAKEN"));
  await assert.rejects(create({ slug: "taken-slug" }), (error) => isReason(error, "PRODUCT_SLUG_TAKEN"));
  await assert.rejects(create({ variants }), (error) => isReason(error, "SKU_TAKEN"));
});

test("variants keep their order, and their price is the product's unless they have one", async () => {
  const { product } = await create({
    variants: [
      { sku: "ORDER-B", options: { size: "M" }, stockQuantity: 2n },
      { sku: "ORDER-A", options: { size: "L" }, price: money("USD", 2500n), stockQuantity: 3n },
    ],
  });
  assert.deepEqual(
    product.variants?.map(({ sku, price, stockQuantity }) => [sku, price?.minor, stockQuantity]),
    [
      ["ORDER-B", 1999n, 2n],
      ["ORDER-A", 2500n, 3n],
    ],
  );
  assert.equal(product.variants?.[0]?.id, product.id);
  assert.equal(product.stockQuantity, 5n);
});

test("everything wrong is told at once, each with its path", async () => {
  const wrong = create({
    name: " ",
    price: money("EUR", 1n),
    category: "",
    imageUrl: "javascript:alert(1)",
    code: "short",
    slug: "Not A Slug",
    stockQuantity: -1n,
    attributes: { "": "x" },
  });
  await assert.rejects(wrong, (error: AppError) => {
    assert.equal(error.kind, "invalid");
    const paths = error.violations.map(({ path }) => path);
    const expected = [
      "name",
      "price.currencyCode",
      "stockQuantity",
      "code",
      "slug",
      "imageUrl",
      "attributes",
      "category",
    ];
    assert.deepEqual(paths.toSorted(), expected.toSorted());
    return true;
  });
});

test("texts that PostgreSQL cannot hold are refused, not a breakdown", async () => {
  const odd = ["a\0b", "a\ud800b", "a\u0007b"];
  for (const text of odd)
    for (const changes of [
      { name: text },
      { description: text },
      { category: text },
      { attributes: { colour: text } },
      { attributes: { [text]: "x" } },
      { attributes: { deep: { list: [text] } } },
      { variants: [{ sku: text, options: {} }] },
      { variants: [{ sku: "odd", options: { size: text } }] },
      { imageUrl: `/${text}` },
    ])
      await assert.rejects(
        create(changes),
        (error) => isReason(error, "VALIDATION_FAILED"),
        JSON.stringify(changes),
      );
});
