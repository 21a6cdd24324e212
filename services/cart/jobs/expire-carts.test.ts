import assert from "node:assert/strict";
import { test } from "node:test";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { cartTimes } from "../context.ts";
import { openCarts } from "../testing/open-carts.ts";
import { expireCartsJob } from "./expire-carts.ts";

const dayMs = 24 * 3_600_000;
const clock = new TestClock();
const { ctx, db } = await openCarts(clock);
const sweep = () => expireCartsJob(ctx).run(new AbortController().signal);
const fill = (userId = newId()) =>
  ctx.carts
    .add(userId, { productId: newRandomId(), variantId: newRandomId(), quantity: 1 }, cartTimes(ctx))
    .then(() => userId);
const abandoned = async () =>
  (await registry.getSingleMetric("stoa_carts_abandoned_total")?.get())?.values[0]?.value ?? 0;

test("carts that have expired are emptied, in as many batches as it takes, and counted as abandoned", async () => {
  const before = await abandoned();
  await Promise.all(Array.from({ length: 1100 }, () => fill()));
  const cleared = await fill();
  await ctx.carts.clear(cleared, cartTimes(ctx));
  clock.advance(dayMs);
  const young = await fill();
  clock.advance(6 * dayMs);
  await sweep();
  await sweep();
  assert.deepEqual(await db.rows(`select user_id as "userId" from cart`), [{ userId: young }]);
  assert.equal((await abandoned()) - before, 1100);
});

test("a cart that is filled while it is swept keeps what was put in", async () => {
  for (let round = 0; round < 20; round += 1) {
    const userId = await fill();
    clock.advance(8 * dayMs);
    await Promise.all([sweep(), fill(userId), fill(userId), sweep()]);
    assert.deepEqual(await db.rows("select count(*)::int as count from cart where user_id = $1", [userId]), [
      { count: 2 },
    ]);
  }
});
