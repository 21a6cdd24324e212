import assert from "node:assert/strict";
import { test } from "node:test";
import { CatalogService, type ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { Tasks } from "#platform/database/tasks.ts";
import { isReason } from "#platform/kit/errors.ts";
import { defineExtension, provide } from "#platform/kit/extension.ts";
import { newId } from "#platform/kit/ids.ts";
import { money } from "#platform/kit/money.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testServices } from "#platform/testing/services.ts";
import { makeDue, workOff } from "#platform/testing/tasks.ts";
import { eventually, TestClock } from "#platform/testing/test-clock.ts";
import type { CatalogContext } from "./context.ts";
import { seedDemo } from "./demo-seed.ts";
import { EngineSearch } from "./engine-search.ts";
import { findingContract, searchEngineContract } from "./provider.contract.ts";
import { searchPort } from "./provider.ts";
import { tellEngine } from "./product-index.ts";
import { createProduct } from "./rpc/create-product.ts";
import { deleteProduct } from "./rpc/delete-product.ts";
import { listProducts } from "./rpc/list-products.ts";
import { rebuildSearch } from "./rpc/rebuild-search.ts";
import { replaceProduct } from "./rpc/replace-product.ts";
import { catalog } from "./service.ts";
import { indexProductsTask, noteProducts } from "./tasks/index-products.ts";
import { addProduct, asAdmin, asCheckout, productWrite, testContext } from "./testing/catalog-context.ts";
import { HouseFinder } from "./testing/house-finder.ts";
import { MemoryEngine } from "./testing/memory-engine.ts";

const house = await testContext();
const settled = () => Promise.resolve();

searchEngineContract("memory", () => Promise.resolve({ finder: new MemoryEngine(), settled }));

findingContract("postgres", async () => {
  for (const id of await found(house, {})) await deleteProduct(house, { id, editTags: [] } as never, asAdmin);
  return { finder: new HouseFinder(house), settled };
});

const base = { category: "", query: "", attributes: {}, sort: "", limit: 100, cursor: "", withFacets: false };
type Asked = { readonly [Field in keyof ListProductsRequest]?: unknown };

async function page(ctx: CatalogContext, asked: Asked) {
  return await listProducts(ctx, { ...base, ...asked } as unknown as ListProductsRequest);
}

async function found(ctx: CatalogContext, asked: Asked): Promise<string[]> {
  return (await page(ctx, asked)).products.map(({ id = "" }) => id);
}

/** Every page of a list, one after the other. */
async function* pages(ctx: CatalogContext, asked: Asked) {
  for (let cursor = ""; ;) {
    const one = await page(ctx, { ...asked, cursor });
    yield one.products.map(({ id = "" }) => id);
    if (one.nextCursor === "") return;
    cursor = one.nextCursor;
  }
}

/** A catalogue with an engine, in a database of its own. */
async function withEngine() {
  const engine = new MemoryEngine();
  const clock = new TestClock();
  const plain = await testContext();
  const tasks = new Tasks("catalog");
  const ctx: CatalogContext = {
    ...plain,
    engine,
    engineSearch: new EngineSearch(engine, clock, silentLog),
    note: noteProducts(tasks),
  };
  const task = indexProductsTask(ctx);
  tasks.declare([task]);
  const work = async () => {
    await makeDue(ctx.db, task.name);
    await workOff(ctx.db, [task]);
  };
  const create = async (changes: Parameters<typeof productWrite>[0]) => {
    const { product } = await createProduct(
      ctx,
      { product: productWrite(changes), idempotencyKey: "" } as never,
      asAdmin,
    );
    return product?.id ?? "";
  };
  return { engine, clock, ctx, plain, work, create };
}

test("written products are found by the engine, changed ones by their new words, deleted ones no more", async () => {
  const { engine, ctx, work, create } = await withEngine();
  const id = await create({ name: "Glockenspiel" });
  assert.deepEqual(await found(ctx, { query: "glockenspiel" }), [], "the engine was not told yet");
  await work();
  assert.deepEqual(await found(ctx, { query: "glockenspiel" }), [id]);
  await replaceProduct(
    ctx,
    { id, product: { ...productWrite({ name: "Carillon" }), cleared: [] }, editTags: [] } as never,
    asAdmin,
  );
  await work();
  assert.deepEqual(
    [await found(ctx, { query: "glockenspiel" }), await found(ctx, { query: "carillon" })],
    [[], [id]],
  );
  await deleteProduct(ctx, { id, editTags: [] } as never, asAdmin);
  assert.equal(engine.size, 1);
  assert.deepEqual(
    await found(ctx, { query: "carillon" }),
    [],
    "what is not on sale is not shown, whatever an engine says",
  );
  await work();
  assert.equal(engine.size, 0);
});

test("a write that did not happen is not told of", async () => {
  const { engine, ctx, work, create } = await withEngine();
  await create({ name: "First", code: "ABCDEFGHIJ" });
  await assert.rejects(create({ name: "Second", code: "ABCDEFGHIJ" }));
  await work();
  assert.equal(engine.size, 1);
  assert.equal((await ctx.db.rows("select 1 from tasks where name = 'index-products'")).length, 1);
});

test("price, stock, filters, totals and facets are the catalogue's own, whatever the engine knows", async () => {
  const { ctx, work, create } = await withEngine();
  const cheap = await create({
    name: "Cello Cheap",
    price: money("USD", 100n),
    stockQuantity: 3n,
    attributes: { wood: "spruce" },
  });
  const dear = await create({
    name: "Cello Dear",
    price: money("USD", 90_000n),
    attributes: { wood: "maple" },
  });
  await work();
  const asked = { query: "cello" };
  assert.deepEqual(await found(ctx, { ...asked, maxPrice: money("USD", 200n) }), [cheap]);
  assert.deepEqual(await found(ctx, { ...asked, inStock: false }), [dear]);
  assert.deepEqual(await found(ctx, { ...asked, attributes: { wood: "maple" } }), [dear]);
  assert.deepEqual(await found(ctx, { ...asked, sort: "-price" }), [dear, cheap]);
  assert.deepEqual(await found(ctx, { ...asked, category: "nowhere" }), []);
  const { total, facets } = await page(ctx, { ...asked, withFacets: true, limit: 1 });
  assert.equal(total, 2n);
  assert.deepEqual(
    facets.find(({ name }) => name === "attributes.wood")?.values.map(({ value }) => value),
    ["maple", "spruce"],
  );
});

test("pages follow each other in the engine's order without gap or repeat, by relevance and by price", async () => {
  const { engine, ctx, work, create } = await withEngine();
  for (let place = 0; place < 23; place += 1)
    await create({
      name: place % 3 ? `Viola ${place}` : `Case ${place}`,
      description: "For a viola.",
      price: money("USD", BigInt(place % 5)),
    });
  await work();
  const ranked = await engine.search({ text: "viola", limit: 100 });
  const seen: string[] = [];
  for await (const one of pages(ctx, { query: "viola", limit: 5 })) seen.push(...one);
  assert.deepEqual(seen, ranked);
  const byPrice: string[] = [];
  for await (const one of pages(ctx, { query: "viola", limit: 4, sort: "price" })) byPrice.push(...one);
  assert.deepEqual([byPrice.length, new Set(byPrice).size], [23, 23]);
});

test("an engine that fails is not noticed: the catalogue answers as it does without one, and asks again after a rest", async () => {
  const { engine, clock, ctx, plain, work } = await withEngine();
  await seedDemo({ ...ctx, isDemo: true });
  await work();
  engine.mood = "failing";
  for (const query of ["mug", "lofers", "salt & pepper", "xylophone"]) {
    engine.calls.length = 0;
    assert.deepEqual(
      await page(ctx, { query, withFacets: true }),
      await page(plain, { query, withFacets: true }),
    );
  }
  assert.deepEqual(engine.calls, [], "it is left alone while it rests");
  clock.advance(5_001);
  engine.mood = "well";
  engine.says = [];
  assert.deepEqual(await found(ctx, { query: "mug" }), [], "it is asked again");
});

test(
  "an engine that does not answer is waited for half a second, once; who comes meanwhile waits for nothing",
  { timeout: 30_000 },
  async () => {
    const { engine, clock, ctx, work, create } = await withEngine();
    const id = await create({ name: "Sousaphone" });
    await work();
    engine.mood = "hanging";
    const first = found(ctx, { query: "sousaphone" });
    await eventually("the engine is asked", () => engine.calls.includes("search"));
    clock.advance(500);
    assert.deepEqual(await first, [id]);
    assert.deepEqual(await found(ctx, { query: "sousaphone" }), [id]);
    clock.advance(5_001);
    engine.calls.length = 0;
    const trying = found(ctx, { query: "sousaphone" });
    await eventually("the engine is asked", () => engine.calls.includes("search"));
    assert.deepEqual(await found(ctx, { query: "sousaphone" }), [id], "one tries, the others do not wait");
    clock.advance(500);
    assert.deepEqual(await trying, [id]);
  },
);

test("an engine that leaves between two pages ends no list: what was seen is skipped, and the rest comes", async () => {
  const { engine, ctx, work, create } = await withEngine();
  for (let place = 0; place < 11; place += 1) await create({ name: `Bassoon ${place}` });
  await work();
  let count = 0;
  for await (const one of pages(ctx, { query: "bassoon", limit: 4 })) {
    count += one.length;
    engine.mood = "failing";
  }
  assert.equal(count, 11);
  // And one that comes back does not take over a list that the catalogue began.
  const { ctx: other, engine: back, create: make, clock } = await withEngine();
  for (let place = 0; place < 9; place += 1) await make({ name: `Bassoon ${place}` });
  back.mood = "failing";
  const seen: string[] = [];
  for await (const one of pages(other, { query: "bassoon", limit: 4 })) {
    seen.push(...one);
    back.mood = "well";
    clock.advance(10_000);
  }
  assert.deepEqual([seen.length, new Set(seen).size], [9, 9]);
});

test("an engine that is wrong shows nothing wrong: no ids, strangers, the same one twice, too many", async () => {
  const { engine, ctx, create, work } = await withEngine();
  const id = await create({ name: "Tuba" });
  await work();
  engine.says = ["'; drop table products; --", "", id, id.toUpperCase(), id, newId()];
  const { products, total } = await page(ctx, { query: "tuba" });
  assert.deepEqual([products.map((product) => product.id), total], [[id], 1n]);
  engine.says = Array.from({ length: 5_000 }, () => newId());
  assert.deepEqual(await found(ctx, { query: "tuba" }), []);
});

test("an engine that is away hears everything when it is back", async () => {
  const { engine, ctx, work, create } = await withEngine();
  engine.mood = "failing";
  const id = await create({ name: "Harpsichord" });
  for (const _ of [1, 2, 3]) await work();
  const [waiting] = await ctx.db.rows<{ attempts: number; dead: boolean }>(
    "select attempts, dead_at is not null as dead from tasks where name = 'index-products'",
  );
  assert.deepEqual([waiting?.dead, (waiting?.attempts ?? 0) > 1], [false, true]);
  engine.mood = "well";
  await work();
  assert.deepEqual(await engine.search({ text: "harpsichord", limit: 5 }), [id]);
});

test("who tells of an earlier state and is heard last tells again", async () => {
  const { engine, ctx, create } = await withEngine();
  const id = await create({ name: "Old Lute" });
  const change = async () => {
    engine.beforeIndex = undefined;
    await replaceProduct(
      ctx,
      { id, product: { ...productWrite({ name: "New Lute" }), cleared: [] }, editTags: [] } as never,
      asAdmin,
    );
    await tellEngine(ctx.db, engine, [id]);
  };
  // The state of before is read already, and the engine takes it after that of now.
  engine.beforeIndex = change;
  await tellEngine(ctx.db, engine, [id]);
  assert.deepEqual(
    [await engine.search({ text: "old", limit: 5 }), await engine.search({ text: "new", limit: 5 })],
    [[], [id]],
  );
  engine.beforeIndex = async () => {
    engine.beforeIndex = undefined;
    await deleteProduct(ctx, { id, editTags: [] } as never, asAdmin);
    await tellEngine(ctx.db, engine, [id]);
  };
  await tellEngine(ctx.db, engine, [id]);
  assert.equal(engine.size, 0, "a deleted product does not come back");
});

test("a rebuild tells an engine that has forgotten everything of every product, and lets it forget what is none", async () => {
  const { engine, ctx, plain, work } = await withEngine();
  for (let place = 0; place < 507; place += 1) await addProduct(plain, { name: `Ocarina ${place}` });
  engine.dream({
    id: newId(),
    name: "Ocarina of dreams",
    description: "",
    keywords: "",
    attributes: {},
    categories: [],
    categoryIds: [],
  });
  const step = async (mark: string, after: string) =>
    await rebuildSearch(ctx, { mark, after } as never, asCheckout);
  const first = await step("", "");
  assert.equal(first.told, 500n);
  assert.equal(engine.size, 501, "until the end nothing is forgotten");
  const second = await step(first.mark, first.after);
  assert.deepEqual([second.after, second.told], ["", 7n]);
  assert.equal(engine.size, 507);
  assert.equal((await page(ctx, { query: "ocarina" })).total, 507n);
  await assert.rejects(rebuildSearch(ctx, { mark: "", after: "" } as never, asAdmin));
  await assert.rejects(rebuildSearch(plain, { mark: "", after: "" } as never, asCheckout), (error) =>
    isReason(error, "SEARCH_ENGINE_ABSENT"),
  );
  await work();
});

test("an extension brings an engine, the setting chooses it, and the shop tells it of what it has", async () => {
  const engine = new MemoryEngine();
  const provider = { name: "memory", config: {}, create: () => engine };
  const extension = defineExtension({ name: "memory", provides: [provide(searchPort, provider)] });
  const shop = await testServices([catalog as AnyService], {
    environment: { CATALOG_SEARCH: "memory", CATALOG_DEMO: "true" },
    extensions: [extension],
    startWork: true,
  });
  const client = shop.as(CatalogService, "catalog", "stoa");
  const all = await client.listProducts({ limit: 100 });
  await eventually("the engine knows all products", () => engine.size === Number(all.total));
  const { products } = await client.listProducts({ query: "mug" });
  assert.deepEqual(
    products.map(({ id }) => id),
    await engine.search({ text: "mug", limit: 100 }),
  );
  engine.forgetAll();
  assert.equal((await client.listProducts({ query: "mug" })).total, 0n);
  assert.deepEqual((await client.rebuildSearch({})).told, all.total);
  assert.deepEqual((await client.listProducts({ query: "mug" })).total, BigInt(products.length));
});

test("without an engine nobody is told: no write makes a task", async () => {
  await createProduct(house, { product: productWrite(), idempotencyKey: "" } as never, asAdmin);
  assert.deepEqual(await house.db.rows("select 1 from tasks where name = 'index-products'"), []);
});
