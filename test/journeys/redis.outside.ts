// The whole shop with carts in Redis and limits shared through it: bought in, moved, and with its faults.
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { RedisUrl } from "#platform/redis/redis-url.ts";
import { openSharedStore } from "#platform/redis/replica-store.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { startOwnRedis } from "#platform/testing/redis.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openShop } from "./open-shop.ts";
import { checkoutFields, Shopper } from "./shopper.ts";

const skip = skipWithout("redis-server", "redis-cli");
if (skip) test("a shop with carts in Redis", { skip }, () => undefined);
else {
  const settings = ["appendonly yes", "appendfsync always"];
  const redis = await startOwnRedis({ password: "of-the-test", settings });
  const url = new RedisUrl(redis.url);
  const store = await openSharedStore({ url, connections: 2, clock: systemClock, log: silentLog });
  const shop = await openShop(
    {},
    {
      rateLimits: true,
      environment: { CART_REDIS_URL: redis.url },
      shared: store,
      close: async () => {
        await store.close();
        await redis.remove();
      },
    },
  );
  const cartKeys = () =>
    redis
      .ask("KEYS", "cart:*")
      .split("\n")
      .filter((key) => key !== "");
  const shopperWithMugs = async () => {
    const shopper = new Shopper(shop.origin);
    const product = await shopper.get("/product/6E92ZMYYFZ");
    const cart = await shopper.follow(await shopper.submit(product, "/cart", { quantity: "2" }));
    return { shopper, cart };
  };

  test("a shopper fills a cart, which is in Redis and nowhere else, and buys it once", async () => {
    const { shopper, cart } = await shopperWithMugs();
    assert.match(cart.text, /Tideline Mug/);
    assert.equal(cartKeys().length, 1);
    const database = shop.running.services.find(({ name }) => name === "cart")?.db;
    assert.deepEqual(await database?.rows("select user_id from carts"), []);
    const pages = await Promise.all([1, 2].map(async () => await shopper.order(cart, checkoutFields)));
    for (const page of pages) assert.equal(page.status, 200, page.text);
    const orders = await shopper.get("/account/orders");
    assert.equal(orders.text.match(/<a href="\/orders\/[0-9a-f]{8}-/g)?.length, 1);
    await eventually("what was bought is out of the cart", async () =>
      (await shopper.get("/cart")).text.includes("Your cart is empty"),
    );
    assert.doesNotMatch((await shopper.get("/cart")).text, /was lost/);
  });

  test("while Redis hangs or is full, pages say so in time and are whole; afterwards the cart is as it was", async () => {
    const { shopper } = await shopperWithMugs();
    redis.hang();
    const startMs = systemClock.monotonicMs();
    const away = await shopper.get("/cart");
    assert.ok(systemClock.monotonicMs() - startMs < 3_000);
    assert.equal(away.status, 503);
    assert.equal((await shopper.get("/product/6E92ZMYYFZ")).status, 200);
    redis.goOn();
    await eventually("the cart is there", async () =>
      (await shopper.get("/cart")).text.includes("Tideline Mug"),
    );
    redis.ask("CONFIG", "SET", "maxmemory", "1");
    const product = await shopper.get("/product/6E92ZMYYFZ");
    assert.equal((await shopper.submit(product, "/cart", { quantity: "2" })).status, 503);
    assert.match((await shopper.get("/cart")).text, /Tideline Mug/);
    redis.ask("CONFIG", "SET", "maxmemory", "0");
    await eventually("it can be changed", async () => {
      return (
        (await shopper.submit(await shopper.get("/product/6E92ZMYYFZ"), "/cart", { quantity: "1" })).status <
        400
      );
    });
  });

  test("a cart that was lost is said to be, and is bought anew as another order", async () => {
    const { shopper, cart } = await shopperWithMugs();
    const stranger = await shopperWithMugs();
    await shopper.order(cart, checkoutFields);
    redis.ask("FLUSHALL");
    const empty = await stranger.shopper.get("/cart");
    assert.match(empty.text, /Your cart is empty/);
    assert.match(
      empty.text,
      /What was in carts until\s*<time[^>]*>[^<]+<\/time>\s*was lost by a fault of ours/,
    );
    const product = await shopper.get("/product/6E92ZMYYFZ");
    const again = await shopper.follow(await shopper.submit(product, "/cart", { quantity: "2" }));
    assert.equal((await shopper.order(again, checkoutFields)).status, 200);
    const orders = await shopper.get("/account/orders");
    assert.equal(orders.text.match(/<a href="\/orders\/[0-9a-f]{8}-/g)?.length, 2);
  });

  test("requests are counted in what replicas share", async () => {
    // After a fault it is not asked for a second.
    await eventually("one is counted", async () => {
      await new Shopper(shop.origin).get("/cart");
      return redis.ask("KEYS", "stoa:limit:gateway.addresses:*") !== "";
    });
  });
}
