import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  GetVariantsResponseSchema,
  type CatalogService,
  type VariantRef,
} from "#gen/stoa/catalog/v1/catalog_pb.js";
import { appError } from "#platform/kit/errors.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { testCall } from "#platform/testing/call.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { StandInCatalogue } from "./testing/stand-in-catalogue.ts";
import { Variants } from "./variants.ts";

const clock = new TestClock();
const catalogue = new StandInCatalogue();
const mug = catalogue.add("6E92ZMYYFZ", "Mug", 899n);
const watch = catalogue.add("1YMWWN1N4O", "Watch", 10_999n);
let isAway = false;
const answers = {
  getVariants: async ({ refs = [], withGone = false }) => {
    if (isAway) throw appError("unavailable", "NEIGHBOUR_UNAVAILABLE");
    const items = (refs as VariantRef[]).flatMap((ref) => catalogue.item(ref, withGone));
    return await Promise.resolve(create(GetVariantsResponseSchema, { items }));
  },
} as unknown as Client<typeof CatalogService>;
const variants = new Variants(answers, clock);
const refOf = ({ id }: { id: string }) => ({ productId: id, variantId: id });

test("a cart is shown under the last known names while the catalogue is away, and nothing new goes into it", async () => {
  assert.deepEqual(
    (await variants.listOnSale([refOf(mug)], testCall())).map(({ name }) => name),
    ["Mug"],
  );
  isAway = true;
  clock.advance(90_000);
  const { variants: shown, ageMs } = await variants.listForShow([refOf(mug)], testCall());
  assert.deepEqual(
    shown.map(({ name, price, isGone }) => [name, price.minor, isGone]),
    [["Mug", 899n, false]],
  );
  assert.equal(ageMs, 90_000);
  await assert.rejects(variants.listOnSale([refOf(mug)], testCall()), { reason: "NEIGHBOUR_UNAVAILABLE" });
  await assert.rejects(variants.listForShow([refOf(mug), refOf(watch)], testCall()), {
    reason: "NEIGHBOUR_UNAVAILABLE",
  });
  isAway = false;
  clock.advance(2_000);
  assert.equal((await variants.listForShow([refOf(mug), refOf(watch)], testCall())).ageMs, undefined);
});
