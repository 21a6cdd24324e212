// What the staff does: sign in at the admin's own door, see orders come in, move them, read mails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { admin, journeyShop } from "./open-shop.ts";
import { checkoutFields, Shopper } from "./shopper.ts";

const shop = await journeyShop();

/** Signed in at the admin's own page. */
async function staff(): Promise<Shopper> {
  const shopper = new Shopper(shop.origin);
  const door = await shopper.get("/admin");
  assert.deepEqual([door.status, door.headers["location"]], [302, "/admin/login?next=%2Fadmin"]);
  const done = await shopper.submit(await shopper.follow(door), "/admin/login", admin);
  assert.deepEqual([done.status, done.headers["location"]], [302, "/admin"], done.text.slice(0, 500));
  return shopper;
}

let buyers = 0;

async function buy(): Promise<{ id: string; email: string }> {
  const buyer = new Shopper(shop.origin);
  const email = `buyer-${(buyers += 1)}@example.com`;
  await buyer.get("/");
  await buyer.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
  const { text } = await buyer.post("/cart/checkout", { ...checkoutFields, email });
  return { id: /\/orders\/([\w-]+)/.exec(text)?.[1] ?? assert.fail(text.slice(0, 500)), email };
}

test("the admin's session is kept for the admin's paths alone, and signing out there leaves the shop's session", async () => {
  const shopper = await staff();
  assert.deepEqual([...shopper.cookies.keys()].sort(), ["stoa_admin_refresh", "stoa_admin_token"]);
  const done = await shopper.submit(await shopper.get("/account/login"), "/account/login", admin);
  assert.equal(done.status, 302);
  const out = await shopper.submit(await shopper.get("/admin"), "/admin/logout");
  assert.equal(out.headers["location"], "/admin/login");
  assert.ok(!shopper.cookies.has("stoa_admin_token") && shopper.cookies.has("stoa_token"));
  assert.equal((await shopper.get("/account")).status, 200);
  assert.equal((await shopper.get("/admin")).status, 200, "the shop's session of one of the staff lets in");
});

test("cookies of the admin are sent with its paths only", async () => {
  const shopper = new Shopper(shop.origin);
  const done = await shopper.post("/admin/login", { ...admin, next: "https://evil.example/" });
  assert.equal(done.headers["location"], "/admin", "and nobody is led elsewhere");
  for (const line of [done.headers["set-cookie"] ?? []].flat())
    assert.match(line, /^stoa_admin_\w+=[^;]+; Max-Age=\d+; Path=\/admin; HttpOnly; SameSite=Lax/);
});

test("customers, wrong passwords and other sites do not get in", async () => {
  const stranger = new Shopper(shop.origin);
  const customer = { email: "curious@example.com", password: "a long enough password" };
  await stranger.post("/account/register", { ...customer, firstName: "Cu", lastName: "Rious" });
  stranger.cookies.clear();
  const refused = await stranger.post("/admin/login", customer);
  assert.equal(refused.status, 403);
  assert.match(refused.text, /role="alert"/);
  const wrong = await stranger.post("/admin/login", { ...admin, password: "a guess that is wrong" });
  assert.equal(wrong.status, 401);
  assert.ok(wrong.text.includes(admin.email) && !wrong.text.includes("a guess"));
  assert.equal((await stranger.post("/admin/login", { email: admin.email })).status, 422);
  const foreign = await stranger.post("/admin/login", admin, { origin: "https://evil.example" });
  assert.equal(foreign.status, 403);
  assert.equal(stranger.cookies.size, 0);
  for (const path of ["/admin/orders", "/admin/live/orders", "/admin/orders/1", "/admin/mail"])
    assert.equal((await stranger.get(path)).status, 302, path);
});

test("an order is found by its status, looked at, and moved on; what cannot be moved says so", async () => {
  const { id, email } = await buy();
  const manager = await staff();
  let list = await manager.get("/admin?status=processing");
  // A busy shop leaves the picture out rather than keep the list waiting.
  await eventually("the picture of the orders is there", async () => {
    if (!list.text.includes("orders-by-status")) list = await manager.get("/admin?status=processing");
    return list.text.includes("orders-by-status");
  });
  assert.ok(list.text.includes(`href="/admin/orders/${id}"`));
  assert.match(list.text, /<svg[^>]*role="img" aria-labelledby="orders-by-status-title/);
  assert.match(list.text, /<a class="chip" href="\/admin\?status=processing"\s+aria-current="true">/);
  const path = `/admin/orders/${id}`;
  const order = await manager.get(path);
  assert.ok(order.text.includes(email));
  const moved = await manager.post(`${path}/status`, { status: "shipped" }, { origin: shop.origin });
  assert.equal(moved.headers["location"], path);
  assert.match((await manager.get(path)).text, /class="status good">On its way/);
  const again = await manager.post(`${path}/status`, { status: "cancelled" });
  assert.equal(again.status, 409);
  assert.match(again.text, /role="alert"/);
  assert.equal((await manager.get("/admin/orders/nonsense")).status, 404);
  assert.equal((await manager.get("/admin/nowhere")).status, 404);
});

test("many orders are moved by one form, and those that cannot are counted", async () => {
  const orders = [await buy(), await buy()];
  const manager = await staff();
  const ids = orders.map(({ id }): [string, string] => ["id", id]);
  const body = new URLSearchParams([
    ["action", "shipped"],
    ["back", "/admin?status=processing"],
    ...ids,
    ...ids,
  ]);
  const done = await manager.send("POST", "/admin/orders", body.toString());
  assert.equal(done.headers["location"], "/admin?status=processing&moved=2&refused=0");
  assert.match((await manager.follow(done)).text, /role="status">2 orders were moved\.</);
  const again = await manager.send("POST", "/admin/orders", body.toString());
  assert.match((await manager.follow(again)).text, /No order was moved\. 2 could not be moved/);
});

test("a page that lies open sees the next order come in", async () => {
  const manager = await staff();
  const cookie = [...manager.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const stop = new AbortController();
  const stream = await fetch(`${shop.origin}/admin/live/orders`, {
    headers: { cookie },
    signal: stop.signal,
  });
  assert.equal(stream.headers.get("content-type"), "text/event-stream; charset=utf-8");
  let said = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream.body ?? []) said += decoder.decode(chunk as Uint8Array);
  })().catch(() => undefined);
  await eventually("the list is there", () => said.includes("data-live="));
  const { id } = await buy();
  await eventually("the new order is in it", () => said.includes(`/admin/orders/${id}`));
  stop.abort();
  await reading;
});

test("admin pages load nothing from elsewhere, are kept by nobody and found by no search", async () => {
  const manager = await staff();
  const { headers, text } = await manager.get("/admin");
  assert.match(String(headers["content-security-policy"]), /^default-src 'none'; img-src 'self';/);
  assert.equal(headers["cache-control"], "private, no-store");
  assert.match(text, /<meta name="robots" content="noindex"\s*\/?>/);
  const sheet = /href="(\/admin\/static\/admin\.css\?v=[\w-]+)"/.exec(text)?.[1] ?? "";
  const file = await manager.get(sheet);
  assert.equal(file.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.match(file.text, /^@layer tokens, base, controls, page, theme;/);
});

test("the staff gives money back, in part and then all that is left, and an order without money is not offered to be shipped", async () => {
  const shopper = await staff();
  const { id } = await buy();
  const path = `/admin/orders/${id}`;
  const refunds = `${path}/refunds`;
  const page = await shopper.get(path);
  const wrong = await shopper.submit(page, refunds, { amount: "a lot", what: "part" });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /name="amount"[^>]*value="a lot"[^>]*aria-invalid/);
  const tooMuch = await shopper.submit(page, refunds, { amount: "99999999", what: "part" });
  assert.equal(tooMuch.status, 409);
  assert.match(tooMuch.text, /role="alert">At most /);
  for (let times = 0; times < 2; times += 1) {
    const done = await shopper.submit(page, refunds, { amount: "1", reason: "A scratch.", what: "part" });
    assert.deepEqual([done.status, done.headers["location"]], [303, path]);
  }
  const after = await shopper.get(path);
  assert.equal(
    after.text.match(/<td>A scratch\.<\/td>/g)?.length,
    1,
    "the same form sent twice is one refund",
  );
  assert.match(after.text, /value="shipped"/);
  await shopper.submit(after, refunds, { what: "full" });
  const whole = await shopper.get(path);
  assert.doesNotMatch(whole.text, /value="shipped"|name="refundId"/);
  assert.match(whole.text, /class="status bad">Refunded</);
  assert.match((await shopper.get("/admin/orders")).text, /class="status bad">Refunded</);
});
