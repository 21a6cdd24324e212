import assert from "node:assert/strict";
import { test } from "node:test";
import { insertCategories } from "../category-store.ts";
import { addProduct, testContext } from "../testing/catalog-context.ts";
import { listCategories } from "./list-categories.ts";

test("categories are a tree in their order, and a product in several of one branch counts once", async () => {
  const ctx = await testContext();
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
  const tops = { slug: "tops", name: "Tops", description: "", productCount: 2n, children: [] };
  assert.deepEqual(await listCategories(ctx), {
    categories: [
      { slug: "wear", name: "Wear", description: "To put on.", productCount: 2n, children: [tops] },
      { slug: "empty", name: "Empty", description: "", productCount: 0n, children: [] },
    ],
  });
});
