// The shop with somebody else's currency, shipping, payment and ads in place of ours: a process that knows their contract only.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePorts } from "#platform/kit/free-ports.ts";
import { openTestShop } from "#platform/testing/shop.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { shop as file } from "../../shop.ts";
import { Shopper, checkoutFields } from "./shopper.ts";

const folder = mkdtempSync(join(tmpdir(), "stoa-foreign-"));
const books = join(folder, "books");
writeFileSync(books, "");
after(() => rmSync(folder, { recursive: true }));
const [port = 0] = await freePorts(1);
let child: ChildProcess | undefined;

async function start(mood = ""): Promise<void> {
  const program = new URL("../lab/foreign-services.ts", import.meta.url).pathname;
  child = spawn(process.execPath, [program, String(port), books, mood], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await once(child, "message");
}
async function stop(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
after(stop);

const lines = (kind: string) =>
  readFileSync(books, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`${kind} `));

await start();
const address = `127.0.0.1:${port}`;
const shop = await openTestShop(file, {
  environment: Object.fromEntries([
    ["CATALOG_DEMO", "true"],
    ...["CURRENCY", "SHIPPING", "PAYMENT", "AD"].flatMap((name) => [
      [`${name}_SERVICE_ADDR`, address],
      [`${name}_CONTRACT`, "hipstershop"],
    ]),
  ]) as Record<string, string>,
});
const { items: products } = (await shop.ask<{ items: { id: string }[] }>("GET", "/api/products?q=mug")).body;
const item = { productId: products[0]?.id ?? assert.fail(), quantity: 2 };
const card = { number: "4242424242424242", expiryMonth: 12, expiryYear: 2040, cvc: "123" };

async function guest(): Promise<string> {
  return (await shop.ask<{ token: string }>("POST", "/api/users/guest")).body.token;
}

interface Placed {
  readonly code?: string;
  readonly status?: string;
  readonly trackingNumber?: string;
  readonly totalAmount?: { readonly amount: string; readonly currencyCode: string };
}

async function order(token: string, change: object = {}) {
  const body = {
    items: [item],
    email: "ada@example.com",
    currencyCode: "EUR",
    shippingAddress: { line1: "1 Way", city: "Wien", postalCode: "1010", country: "AT" },
    payment: { type: "card", card },
    ...change,
  };
  return await shop.ask<Placed>("POST", "/api/orders", { token, body });
}

async function isQuoted(): Promise<boolean> {
  const shippingAddress = { line1: "1 Way", city: "Wien", postalCode: "1010", country: "AT" };
  const asked = { token: await guest(), body: { items: [item], currencyCode: "EUR", shippingAddress } };
  return (await shop.ask("POST", "/api/checkout/quote", asked)).status === 200;
}

test("an order is quoted, charged once and shipped by services of others, in a currency of theirs", async () => {
  const { status, body } = await order(await guest());
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal(body.trackingNumber, "XY-17812-13477163");
  // (2 × 8.99 + 8.99) USD at 1.1305 USD for 1 EUR, each price rounded once.
  assert.deepEqual(body.totalAmount, { amount: "23.85", currencyCode: "EUR" });
  assert.equal(lines("charge").length, 1);
  assert.match(lines("charge")[0] ?? "", / EUR 23\.850000000 4242$/);
  assert.deepEqual(lines("ship"), ["ship AT 1010 2"]);
  assert.deepEqual(lines("told"), [], "neither a token nor a proof of ours leaves the shop");
});

test("pages show their prices and ads, and a shopper buys with the contract's form", async () => {
  const shopper = new Shopper(shop.origin);
  await shopper.post("/setCurrency", { currency_code: "JPY" });
  const page = await shopper.get("/product/6E92ZMYYFZ");
  assert.match(page.text, /¥1,005/);
  await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
  const done = await shopper.post("/cart/checkout", checkoutFields);
  assert.equal(done.status, 200, done.text);
  assert.equal(lines("charge").length, 2);
  const { items: ads } = (await shop.ask<{ items: { text: string }[] }>("GET", "/api/ads")).body;
  assert.equal(ads[0]?.text, "Hairdryer for sale. 50% off.");
});

test("what they refuse is declined, whatever the code; the stock is free again and another card buys", async () => {
  const token = await guest();
  const refused = await order(token, {
    payment: { type: "card", card: { ...card, number: "30569309025904" } },
  });
  assert.deepEqual([refused.status, refused.body.code], [402, "CARD_DECLINED"]);
  assert.equal((await order(token)).status, 201);
});

test("a charge whose answer is lost is never made again, and never taken for one that failed", async () => {
  await stop();
  await start("dies-after-charge");
  await eventually("it is reached again", async () => await isQuoted());
  const before = lines("charge").length;
  const token = await guest();
  const lost = await order(token);
  assert.deepEqual([lost.status, lost.body.code], [503, "CHECKOUT_UNRESOLVED"]);
  await start();
  const db = shop.running.services.find(({ name }) => name === "checkout")?.db ?? assert.fail();
  await eventually("it was taken up again", async () => {
    const [row] = await db.rows<{ count: number }>(
      "select max(attempts)::int as count from tasks where name = 'resume-checkout'",
    );
    return (row?.count ?? 0) >= 1;
  });
  assert.equal(lines("charge").length, before + 1);
  // What docs/operate/foreign-neighbours.md tells an operator to write down.
  const [id = ""] = /tx-\S+/.exec(lines("charge").at(-1) ?? "") ?? [];
  await db.run(
    `update single_acts set ended_at = now(), outcome = jsonb_build_object('transactionId', $1::text, 'orderId', c.id,
       'currencyCode', c.purchase #>> '{total,currencyCode}', 'minor', rtrim(c.purchase #>> '{total,minor}', 'n'),
       'brand', 'card', 'last4', '')
     from checkouts c where act = 'hipstershop.charge' and key = c.payment_id::text and ended_at is null`,
    [id],
  );
  await db.run("update tasks set next_attempt_at = now() where name = 'resume-checkout'");
  await eventually("the order is placed", async () => {
    const { body } = await shop.ask<{ items: { status: string }[] }>("GET", "/api/orders", { token });
    return body.items[0]?.status === "processing";
  });
  assert.equal(lines("charge").length, before + 1, "charged once");
});

test("while they are gone nothing is charged and no order is lost: 503 at once, and the next try buys", async () => {
  await stop();
  const before = lines("charge").length;
  const token = await guest();
  const away = await order(token, { currencyCode: "USD" });
  assert.equal(away.status, 503, JSON.stringify(away.body));
  await start();
  await eventually("it is sold again", async () => (await order(token)).status === 201);
  assert.equal(lines("charge").length, before + 1);
});
