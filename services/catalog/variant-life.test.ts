// A product's variants through any life: edits, holds, sales and returns in any order, against a model that only adds up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ProductWriteSchema } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { findWrongBooks, getStock } from "./testing/books-store.ts";
import { addProduct, asAdmin, testContext } from "./testing/catalog-context.ts";
import { getProduct } from "./rpc/get-product.ts";
import { getVariants } from "./rpc/get-variants.ts";
import { replaceProduct } from "./rpc/replace-product.ts";
import { commitReservation, releaseReservation, reserveStock } from "./stock-store.ts";
import { parseDemand } from "./stock.ts";

const ctx = await testContext();

const sizes = ["S", "M", "L", "XL"] as const;
type Size = (typeof sizes)[number];

interface ModelVariant {
  readonly id: string;
  readonly size: Size;
  isRetired: boolean;
  onHand: bigint;
  reserved: bigint;
}

interface ModelHold {
  readonly id: string;
  readonly variant: ModelVariant;
  readonly quantity: bigint;
  status: "held" | "committed" | "released";
}

/** The shop as it must be. */
class Life {
  readonly productId: string;
  readonly #prefix = newId().slice(-8);
  readonly variants: ModelVariant[] = [];
  readonly #holds: ModelHold[] = [];
  order: ModelVariant[] = [];

  constructor(productId: string) {
    this.productId = productId;
  }

  async edit(wanted: readonly Size[], byId: boolean, stock: bigint): Promise<void> {
    const living = (size: Size) => this.order.find((variant) => variant.size === size);
    const variants = wanted.map((size) => {
      const id = byId ? living(size)?.id : undefined;
      const sku = `${this.#prefix}-${size}`;
      return id === undefined
        ? { sku, options: { size }, stockQuantity: stock }
        : { id, stockQuantity: stock };
    });
    const product = create(ProductWriteSchema, { variants });
    const request = { id: this.productId, product, editTags: [], mergesAttributes: false };
    const answer = (await replaceProduct(ctx, request as never, asAdmin)).product;
    const before = this.order;
    this.order = wanted.map((size, place) => {
      const known = before.find((variant) => variant.size === size);
      if (known) return known;
      const id = answer.variants?.[place]?.id ?? "";
      assert.ok(!this.variants.some((variant) => variant.id === id), "a new variant has an id of its own");
      const fresh = { id, size, isRetired: false, onHand: stock, reserved: 0n };
      this.variants.push(fresh);
      return fresh;
    });
    for (const variant of before) variant.isRetired = !this.order.includes(variant);
  }

  async hold(place: number, quantity: bigint): Promise<void> {
    const variant = this.variants[place % Math.max(1, this.variants.length)];
    if (!variant) return;
    const id = newId();
    const demand = parseDemand([{ variantId: variant.id, quantity }]);
    const { outcome } = await reserveStock(ctx.db, id, demand, 900);
    const isThere = !variant.isRetired && variant.onHand - variant.reserved >= quantity;
    assert.equal(outcome, isThere ? "held" : "insufficient");
    if (!isThere) return;
    variant.reserved += quantity;
    this.#holds.push({ id, variant, quantity, status: "held" });
  }

  async end(place: number, isSale: boolean): Promise<void> {
    const hold = this.#holds[place % Math.max(1, this.#holds.length)];
    if (!hold || (isSale && hold.status !== "held")) return;
    if (isSale) {
      assert.equal((await commitReservation(ctx.db, hold.id, "test")).outcome, "committed");
      hold.variant.onHand -= hold.quantity;
    } else {
      await releaseReservation(ctx.db, hold.id, { reason: "cancelled", actor: "test" });
      if (hold.status === "committed") hold.variant.onHand += hold.quantity;
    }
    if (hold.status === "held") hold.variant.reserved -= hold.quantity;
    hold.status = isSale ? "committed" : "released";
  }

  async check(): Promise<void> {
    const { product } = await getProduct(ctx, { id: this.productId } as never);
    assert.deepEqual(
      product.variants?.map(({ id, options }) => [id, options?.["size"]]),
      this.order.map(({ id, size }) => [id, size]),
    );
    for (const { id, onHand, reserved } of this.variants)
      assert.deepEqual(await getStock(ctx.db, id), { onHand, reserved });
    const refs = [{ productId: this.productId, variantId: "" }].concat(
      this.variants.map(({ id }) => ({ productId: this.productId, variantId: id })),
    );
    const { items } = await getVariants(ctx, { refs, withGone: true } as never);
    assert.deepEqual(
      items.map(({ variant, isGone }) => [variant?.id, variant?.options?.["size"], isGone]),
      [this.order[0], ...this.variants].map((one) => [one?.id, one?.size, one?.isRetired]),
    );
  }
}

type Step = (life: Life) => Promise<void>;
const steps = fc.oneof(
  fc.tuple(fc.shuffledSubarray([...sizes], { minLength: 1 }), fc.boolean(), fc.bigInt(0n, 5n)).map(
    ([wanted, byId, stock]): Step =>
      async (life) =>
        await life.edit(wanted, byId, stock),
  ),
  fc.tuple(fc.nat(20), fc.bigInt(1n, 3n)).map(
    ([place, quantity]): Step =>
      async (life) =>
        await life.hold(place, quantity),
  ),
  fc.tuple(fc.nat(20), fc.boolean()).map(
    ([place, isSale]): Step =>
      async (life) =>
        await life.end(place, isSale),
  ),
);

test("whatever is edited, held, sold and returned in whatever order, every unit and every id stays with its variant", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 8, maxLength: 25 }), async (taken) => {
      const life = new Life(await addProduct(ctx));
      await life.edit(["S", "M"], false, 5n);
      for (const step of taken) {
        await step(life);
        await life.check();
      }
    }),
    { numRuns: 15 },
  );
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("what is held and sold while a variant is retired beside it stays with that variant, unit by unit", async () => {
  const life = new Life(await addProduct(ctx));
  await life.edit(["S", "M"], false, 20n);
  const [small, medium] = life.variants;
  assert.ok(small && medium);
  const sales = Array.from({ length: 30 }, async (_, index) => {
    const variant = index % 2 === 0 ? small : medium;
    const id = newId();
    const demand = parseDemand([{ variantId: variant.id, quantity: 1n }]);
    const { outcome } = await reserveStock(ctx.db, id, demand, 900);
    if (outcome === "held") await commitReservation(ctx.db, id, "test");
    return { id, variant, isSold: outcome === "held" };
  });
  const edits = (async () => {
    await life.edit(["XL", "M"], true, 3n);
    await life.edit(["M", "L"], false, 3n);
  })();
  const [sold] = await Promise.all([Promise.all(sales), edits]);
  const countOf = (wanted: ModelVariant) =>
    BigInt(sold.filter(({ variant, isSold }) => isSold && variant === wanted).length);
  assert.equal(countOf(medium), 15n);
  small.onHand -= countOf(small);
  medium.onHand -= countOf(medium);
  await life.check();
  for (const { id } of sold) await releaseReservation(ctx.db, id, { reason: "cancelled", actor: "test" });
  small.onHand = 20n;
  medium.onHand = 20n;
  await life.check();
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});
