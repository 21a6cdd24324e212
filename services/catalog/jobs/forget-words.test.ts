import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { deleteProduct } from "../product-write-store.ts";
import { addProduct, testContext } from "../testing/catalog-context.ts";
import { forgetWordsJob } from "./forget-words.ts";

const ctx = await testContext();
const never = new AbortController().signal;
const run = () => forgetWordsJob(ctx).run(never);
const isKnown = async (word: string) =>
  (await ctx.db.row("select 1 from search_words where word = $1", [word])) !== undefined;
const aWeekPasses = () =>
  ctx.db.run("update search_words set unused_at = unused_at - interval '8 days' where unused_at is not null");

test("a word is forgotten a week after the last product that had it, and one that is in use never is", async () => {
  const gone = await addProduct(ctx, { name: "Samovar" });
  await addProduct(ctx, { name: "Kettle" });
  await run();
  assert.ok((await isKnown("samovar")) && (await isKnown("kettle")));
  await ctx.db.inTransaction(async (tx) => void (await deleteProduct(tx, gone)));
  await run();
  assert.ok(await isKnown("samovar"), "it may come back soon");
  await aWeekPasses();
  await run();
  assert.equal(await isKnown("samovar"), false);
  assert.ok(await isKnown("kettle"));
});

test("a product that brings an unused word back keeps it, also while a sweep is about to delete it", async () => {
  const first = await addProduct(ctx, { name: "Gondola" });
  await ctx.db.inTransaction(async (tx) => void (await deleteProduct(tx, first)));
  await run();
  await aWeekPasses();
  let swept: Promise<void> = Promise.resolve();
  await ctx.db.inTransaction(async (tx) => {
    await tx.run(
      `insert into products (id, code, slug, currency_code, is_demo, name, description, price_minor, category, image_url, attributes, keywords)
       select gen_random_uuid(), 'GONDOLA002', 'gondola-2', currency_code, false, 'Gondola two', '', 1, category, '', '{}', ''
       from products where id = $1`,
      [first],
    );
    swept = run();
    const waiting =
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await eventually("the sweep waits for the row that this transaction has taken", async () =>
      Boolean(await ctx.db.row(waiting)),
    );
  });
  await swept;
  assert.ok(await isKnown("gondola"));
});
