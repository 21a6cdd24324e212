import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  CreateCategoryRequestSchema,
  UpdateCategoryRequestSchema,
  type Category,
} from "#gen/stoa/catalog/v1/catalog_pb.js";
import { AppError } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { insertCategories } from "../category-store.ts";
import { getProduct } from "./get-product.ts";
import { addProduct, asAdmin, asCustomer, testContext } from "../testing/catalog-context.ts";
import { createCategory } from "./create-category.ts";
import { deleteCategory } from "./delete-category.ts";
import { getCategory } from "./get-category.ts";
import { listCategories } from "./list-categories.ts";
import { listProducts } from "./list-products.ts";
import { updateCategory } from "./update-category.ts";

const ctx = await testContext(20);

test("categories are a tree in their order, and a product in several of one branch counts once", async () => {
  await ctx.db.inTransaction((tx) =>
    insertCategories(tx, [
      { slug: "wear", name: "Wear", description: "To put on." },
      { slug: "tops", name: "Tops", description: "", parent: "wear" },
      { slug: "empty", name: "Empty", description: "" },
    ]),
  );
  await addProduct(ctx, { category: "wear", categories: ["tops"] });
  await addProduct(ctx, { category: "tops" });
  const gone = await addProduct(ctx, { category: "tops" });
  await ctx.db.run("update products set deleted_at = now() where id = $1", [gone]);
  const { categories } = await listCategories(ctx);
  const [wear, empty] = categories;
  assert.deepEqual([wear?.slug, wear?.productCount, wear?.parentId], ["wear", 2n, ""]);
  assert.deepEqual([empty?.slug, empty?.productCount, empty?.children], ["empty", 0n, []]);
  const [tops] = wear?.children ?? [];
  assert.deepEqual([tops?.slug, tops?.productCount, tops?.parentId], ["tops", 2n, wear?.id]);
});

async function make(fields: MessageInitShape<typeof CreateCategoryRequestSchema>): Promise<Category> {
  const { category } = await createCategory(ctx, create(CreateCategoryRequestSchema, fields), asAdmin);
  return category as Category;
}

async function change(fields: MessageInitShape<typeof UpdateCategoryRequestSchema>): Promise<Category> {
  const { category } = await updateCategory(ctx, create(UpdateCategoryRequestSchema, fields), asAdmin);
  return category as unknown as Category;
}

async function categoriesOf(productId: string): Promise<readonly string[] | undefined> {
  const { product } = await getProduct(ctx, {
    $typeName: "stoa.catalog.v1.GetProductRequest",
    id: productId,
  });
  assert.equal(product.category, product.categories?.[0]);
  return product.categories;
}

function inParts<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
    all.slice(part * size, (part + 1) * size),
  );
}

const remove = async (id: string) =>
  await deleteCategory(ctx, { $typeName: "stoa.catalog.v1.DeleteCategoryRequest", id }, asAdmin);
const show = async (id: string) =>
  (await getCategory(ctx, { $typeName: "stoa.catalog.v1.GetCategoryRequest", id })).category;

async function refused(work: Promise<unknown>, reason: string): Promise<void> {
  await assert.rejects(work, (error) => error instanceof AppError && error.reason === reason);
}

test("products find the category they name again and again, in any script and at once, and signs keep names apart", async () => {
  const names = [
    "茶具",
    "Чай",
    "شاي",
    "C++",
    "C#",
    "C",
    "c",
    "R&B",
    "RB",
    "Hi Fi",
    "Hi-Fi",
    "ЧАЙ",
    "чай",
    "Reading-Corner",
  ];
  const [firstIds, secondIds]: [string[], string[]] = [[], []];
  // New categories come one after the other, and a busy database lets nobody wait for long: eight at once, each name twice.
  for (const some of inParts(names, 4)) {
    const made = await Promise.all(
      [...some, ...some].map(async (category) => await addProduct(ctx, { category })),
    );
    firstIds.push(...made.slice(0, some.length));
    secondIds.push(...made.slice(some.length));
  }
  const ids = [...firstIds, ...secondIds];
  const slugs = await Promise.all(ids.map(async (id) => (await categoriesOf(id))?.[0]));
  const of = (name: string) => slugs[names.indexOf(name)];
  assert.deepEqual(slugs.slice(names.length), slugs.slice(0, names.length));
  assert.deepEqual(
    [of("茶具"), of("Чай"), of("شاي"), of("C++"), of("C#")],
    ["茶具", "чай", "شاي", "c-plus-plus", "c-sharp"],
  );
  assert.equal(of("C"), "c");
  assert.equal(of("c"), "c");
  assert.equal(of("ЧАЙ"), "чай");
  assert.notEqual(of("Hi Fi"), of("Hi-Fi"));
  assert.equal(new Set(slugs).size, names.length - 3);
  const rows = await ctx.db.rows("select name from categories where slug = any ($1)", [slugs]);
  assert.equal(rows.length, names.length - 3);
  const listed = await listProducts(ctx, {
    $typeName: "stoa.catalog.v1.ListProductsRequest",
    ...{ category: "чай", query: "", attributes: {}, sort: "", limit: 0, cursor: "", withFacets: false },
  });
  assert.equal(listed.total, 6n);
});

test("a category that a slug made takes the first real name that reads like it", async () => {
  await addProduct(ctx, { category: "winter-coats" });
  assert.equal((await show("winter-coats")).name, "Winter coats");
  const id = await addProduct(ctx, { category: "Winter-Coats" });
  assert.deepEqual(await categoriesOf(id), ["winter-coats"]);
  assert.equal((await show("winter-coats")).name, "Winter-Coats");
  const other = await addProduct(ctx, {
    category: "Winter Coats",
    categories: ["WINTER COATS", "winter-coats"],
  });
  assert.deepEqual((await categoriesOf(other))?.length, 2);
});

test("categories are made, renamed, moved, sorted; what is in the way is said by its code", async () => {
  const top = await make({ name: "Pets" });
  const cats = await make({ name: "Cats", parentId: top.id });
  const dogs = await make({ name: "Dogs", parentId: "pets", position: 0 });
  assert.deepEqual([top.slug, cats.parentId, dogs.position], ["pets", top.id, 0]);
  assert.deepEqual(
    (await show("pets")).children.map(({ name }) => name),
    ["Dogs", "Cats"],
  );
  const product = await addProduct(ctx, { category: "cats" });
  const renamed = await change({ id: cats.id, name: "Кошки", slug: "кошки", description: "Мяу." });
  assert.deepEqual([renamed.slug, renamed.name, renamed.productCount], ["кошки", "Кошки", 1n]);
  assert.deepEqual(await categoriesOf(product), ["кошки"]);
  await refused(show("cats"), "CATEGORY_NOT_FOUND");
  await change({ id: "кошки", position: 0 });
  await change({ id: dogs.id, position: 7 });
  assert.deepEqual(
    (await show("pets")).children.map(({ slug }) => slug),
    ["кошки", "dogs"],
  );
  await refused(make({ name: "Other", slug: "dogs" }), "CATEGORY_SLUG_TAKEN");
  await refused(make({ name: "dogs", parentId: "pets" }), "CATEGORY_NAME_TAKEN");
  await refused(change({ id: "dogs", slug: "pets" }), "CATEGORY_SLUG_TAKEN");
  await refused(change({ id: "pets", parentId: "dogs" }), "CATEGORY_CYCLE");
  await refused(change({ id: "pets", parentId: "pets" }), "CATEGORY_CYCLE");
  await refused(make({ name: "X", parentId: "nowhere" }), "VALIDATION_FAILED");
  await refused(make({ name: "\u200b" }), "VALIDATION_FAILED");
  await refused(change({ id: newId(), name: "X" }), "CATEGORY_NOT_FOUND");
  await assert.rejects(
    createCategory(ctx, create(CreateCategoryRequestSchema, { name: "X" }), asCustomer),
    (error) => error instanceof AppError && error.reason === "ADMIN_REQUIRED",
  );
  // One name at two places is fine; its slug is another one.
  const twin = await make({ name: "Dogs" });
  assert.match(twin.slug, /^dogs-/);
  const moved = await change({ id: twin.id, parentId: cats.id });
  assert.equal(moved.parentId, cats.id);
  assert.equal((await change({ id: twin.id, parentId: "" })).parentId, "");
});

test("two categories moved below each other at once make no circle", async () => {
  const [one, two] = [await make({ name: "Round one" }), await make({ name: "Round two" })];
  const moves = await Promise.allSettled([
    change({ id: one.id, parentId: two.id }),
    change({ id: two.id, parentId: one.id }),
  ]);
  assert.deepEqual(moves.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
});

test("when a category goes its products stay: up, or where nobody put them; what is below it moves up too", async () => {
  const home = await make({ name: "Household" });
  const kitchen = await make({ name: "Cookery", parentId: home.id });
  const pans = await make({ name: "Pans", parentId: kitchen.id });
  const up = await addProduct(ctx, { category: "cookery", categories: ["garden"] });
  const both = await addProduct(ctx, { category: "household", categories: ["cookery"] });
  await remove("cookery");
  await refused(remove("cookery"), "CATEGORY_NOT_FOUND");
  assert.deepEqual(await categoriesOf(up), ["household", "garden"]);
  assert.deepEqual(await categoriesOf(both), ["household"]);
  assert.equal((await show(pans.id)).parentId, home.id);
  await remove(home.id);
  assert.equal((await show(pans.id)).parentId, "");
  assert.deepEqual(await categoriesOf(up), ["garden"]);
  assert.deepEqual(await categoriesOf(both), ["uncategorized"]);
  await refused(remove("uncategorized"), "CATEGORY_IN_USE");
});

test("a category that goes while products are put into it leaves none of them without one", async () => {
  await make({ name: "Passing" });
  const made = Array.from({ length: 12 }, async () => await addProduct(ctx, { category: "Passing" }));
  const [ids] = await Promise.all([
    Promise.all(made),
    ...[1, 2].map(async () => await remove("passing").catch(() => undefined)),
  ]);
  for (const id of ids) assert.equal((await categoriesOf(id))?.length, 1);
  const row = await ctx.db.row(
    "select count(*) as count from products as p where not exists (select 1 from product_categories where product_id = p.id)",
  );
  assert.deepEqual(row, { count: 0n });
});
