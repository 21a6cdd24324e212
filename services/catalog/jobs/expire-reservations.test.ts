import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { findWrongBooks, getStock } from "../testing/books-store.ts";
import { reserveStock } from "../stock-store.ts";
import { parseDemand } from "../stock.ts";
import { addProduct, testContext } from "../testing/catalog-context.ts";
import { expireReservationsJob } from "./expire-reservations.ts";
import { forgetReservationsJob } from "./forget-reservations.ts";

const ctx = await testContext();
const never = new AbortController().signal;

test("holds whose time is over are freed in batches, by several processes at once, and no others", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 300n });
  const demand = parseDemand([{ variantId, quantity: 1n }]);
  await Promise.all(Array.from({ length: 250 }, () => reserveStock(ctx.db, newId(), demand, 900)));
  await ctx.db.run("update stock_reservations set expires_at = now()");
  await reserveStock(ctx.db, "still-good", demand, 900);
  const job = expireReservationsJob(ctx);
  await Promise.all([job.run(never), job.run(never), job.run(never)]);
  await job.run(never);
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 300n, reserved: 1n });
  const counts = await ctx.db.rows("select status, count(*) from stock_reservations group by 1 order by 1");
  assert.deepEqual(counts, [
    { status: "expired", count: 250n },
    { status: "held", count: 1n },
  ]);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("reservations that sold nothing are forgotten after thirty days; sales never are", async () => {
  await ctx.db.run(
    `insert into stock_reservations (id, status, expires_at, ended_at)
     values ('old-release', 'released', now(), now() - interval '31 days'), ('release', 'released', now(), now()),
            ('old-sale', 'committed', now(), now() - interval '31 days')`,
  );
  await forgetReservationsJob(ctx).run(never);
  const left = await ctx.db.rows("select id from stock_reservations where id ~ 'old|release' order by id");
  assert.deepEqual(left, [{ id: "old-sale" }, { id: "release" }]);
});
