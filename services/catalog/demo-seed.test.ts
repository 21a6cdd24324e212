import assert from "node:assert/strict";
import { test } from "node:test";
import { findWrongBooks, getStock } from "./testing/books-store.ts";
import { seedDemo } from "./demo-seed.ts";
import { topUpDemoJob } from "./jobs/top-up-demo.ts";
import { findProduct } from "./product-store.ts";
import { deleteProduct } from "./product-write-store.ts";
import { saveStockOnHand, tellStockReason } from "./stock-store.ts";
import { addProduct, testContext } from "./testing/catalog-context.ts";

const never = new AbortController().signal;

test("five processes that seed at once fill an empty catalogue once, and a repeat changes nothing", async () => {
  const ctx = { ...(await testContext()), isDemo: true };
  await Promise.all(Array.from({ length: 5 }, () => seedDemo(ctx)));
  const facts = () => ctx.db.row("select count(*) as products, max(updated_at) as at from products");
  const before = await facts();
  await seedDemo(ctx);
  assert.deepEqual(await facts(), before);
  assert.equal((before as { products: bigint }).products, 68n);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("a catalogue that has or had products of its own, or is no demo, is not filled", async () => {
  const ctx = await testContext();
  await seedDemo(ctx);
  const count = () => ctx.db.row("select count(*) as products from products");
  assert.deepEqual(await count(), { products: 0n });
  const id = await addProduct(ctx);
  await ctx.db.inTransaction((tx) => deleteProduct(tx, id));
  await seedDemo({ ...ctx, isDemo: true });
  assert.deepEqual(await count(), { products: 1n });
});

test("demo stock below half is filled up to its level with a ledger line; half, and other products', is not", async () => {
  const ctx = { ...(await testContext()), isDemo: true };
  await seedDemo(ctx);
  const mug = (await findProduct(ctx.db, { text: "6E92ZMYYFZ" }))?.id ?? "";
  const jar = (await findProduct(ctx.db, { text: "9SIQT8TOJO" }))?.id ?? "";
  const own = await addProduct(ctx, { stockQuantity: 100n });
  const level = (await getStock(ctx.db, mug)).onHand;
  const half = ((await getStock(ctx.db, jar)).onHand + 1n) / 2n;
  await ctx.db.inTransaction(async (tx) => {
    await tellStockReason(tx, { reason: "test", actor: "test" });
    await saveStockOnHand(tx, mug, level / 2n - 1n);
    await saveStockOnHand(tx, jar, half);
    await saveStockOnHand(tx, own, 1n);
  });
  await topUpDemoJob(ctx).run(never);
  assert.equal((await getStock(ctx.db, mug)).onHand, level);
  assert.equal((await getStock(ctx.db, jar)).onHand, half);
  assert.equal((await getStock(ctx.db, own)).onHand, 1n);
  const rows = await ctx.db.rows("select change, actor from stock_ledger where reason = 'demo top-up'");
  assert.deepEqual(rows, [{ change: level - (level / 2n - 1n), actor: "catalog" }]);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});
