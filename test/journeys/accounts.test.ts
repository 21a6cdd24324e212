// Accounts, the pages of the staff, and text that would like to be markup, on the real shop.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { callRest } from "../lab/rest-buyer.ts";
import { admin, journeyShop } from "./open-shop.ts";
import { openPagesProcess } from "./pages-process.ts";
import { checkoutFields, Shopper, unescape, type PageShown } from "./shopper.ts";

const shop = await journeyShop();
const password = "a long walk by the sea";
let people = 0;

async function registered(shopper = new Shopper(shop.origin)): Promise<{ shopper: Shopper; email: string }> {
  const email = `person-${(people += 1)}@example.com`;
  const form = await shopper.get("/account/register");
  const fields = { email, password, firstName: "Ada", lastName: "Lovelace" };
  const done = await shopper.submit(form, "/account/register", fields);
  assert.deepEqual([done.status, done.headers["location"]], [302, "/account"], done.text);
  return { shopper, email };
}

async function staff(): Promise<Shopper> {
  const shopper = new Shopper(shop.origin);
  const done = await shopper.submit(await shopper.get("/account/login"), "/account/login", admin);
  assert.equal(done.status, 302, done.text);
  return shopper;
}

async function signedInToAdmin(): Promise<{ shopper: Shopper }> {
  const shopper = new Shopper(shop.origin);
  const done = await shopper.submit(await shopper.get("/admin/login"), "/admin/login", admin);
  assert.equal(done.status, 302, done.text);
  return { shopper };
}

function orderId(page: PageShown): string {
  return (
    /<dt>Order id<\/dt>\s*<dd><code>([^<]+)/.exec(page.text)?.[1] ?? assert.fail(page.text.slice(0, 2_000))
  );
}

test("what a guest put into the cart is in the cart of the account", async () => {
  const shopper = new Shopper(shop.origin);
  await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "3" });
  await registered(shopper);
  const cart = await shopper.get("/cart");
  assert.match(cart.text, /Tideline Mug/);
  assert.match(cart.text, /name="quantity"[^>]*value="3"/);
});

test("what a guest ordered is among the orders of the account, and stays there for other browsers", async () => {
  const shopper = new Shopper(shop.origin);
  await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
  const id = orderId(await shopper.post("/cart/checkout", checkoutFields));
  const { email } = await registered(shopper);
  assert.ok((await shopper.get("/account/orders")).text.includes(`/orders/${id}`));
  assert.equal((await shopper.get(`/orders/${id}`)).status, 200);
  const elsewhere = new Shopper(shop.origin);
  await elsewhere.post("/account/login", { email, password });
  assert.ok((await elsewhere.get("/account/orders")).text.includes(`/orders/${id}`));
  const { shopper: stranger } = await registered();
  assert.notEqual((await stranger.get(`/orders/${id}`)).status, 200);
});

test("what does not fit into the account's cart waits with the guest's, and the shopper is told", async () => {
  const { shopper: owner, email } = await registered();
  const shopper = new Shopper(shop.origin);
  for (const one of [owner, shopper]) {
    await one.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "10" });
    const cart = await one.get("/cart");
    await one.submit(cart, "/cart/items", { quantity: "60" });
  }
  const done = await shopper.post("/account/login", { email, password });
  assert.deepEqual([done.status, done.headers["location"]], [302, "/cart?left=1"]);
  const told = await shopper.follow(done);
  assert.match(told.text, /role="alert"[^<]*>(?:<[^>]*>)*[^<]*21 × Tideline Mug/);
  assert.match(told.text, /name="quantity"[^>]*value="99"/);
  assert.doesNotMatch((await shopper.get("/cart")).text, /21 ×/);
});

test("signing in needs the right password, and both cookies are hidden from scripts", async () => {
  const { email } = await registered();
  const shopper = new Shopper(shop.origin);
  const form = await shopper.get("/account/login?next=/cart");
  const wrong = await shopper.submit(form, "/account/login", { email, password: "wrong" });
  assert.equal(wrong.status, 401);
  assert.match(wrong.text, /role="alert"/);
  assert.ok(wrong.text.includes(email) && !wrong.text.includes('value="wrong"'));
  const right = await shopper.submit(form, "/account/login", { email, password });
  assert.deepEqual([right.status, right.headers["location"]], [302, "/cart"]);
  const lines = [right.headers["set-cookie"] ?? []].flat().filter((line) => line.startsWith("stoa_"));
  assert.equal(lines.length, 2);
  for (const line of lines) assert.match(line, /; Path=\/; HttpOnly; SameSite=Lax/);
});

test("after signing in nobody is sent to another site", async () => {
  const { email } = await registered();
  for (const next of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    const done = await new Shopper(shop.origin).post("/account/login", { email, password, next });
    assert.deepEqual([done.status, done.headers["location"]], [302, "/account"], next);
  }
});

test("an email is registered once, and a password that is too short is said so beside its field", async () => {
  const { email } = await registered();
  const shopper = new Shopper(shop.origin);
  const fields = { email, password, firstName: "Eve", lastName: "Again" };
  assert.equal((await shopper.post("/account/register", fields)).status, 409);
  const short = await shopper.post("/account/register", {
    ...fields,
    email: "new@example.com",
    password: "short",
  });
  assert.equal(short.status, 422);
  assert.match(short.text, /id="password-message"|role="alert"/);
});

test("pages of an account ask strangers to sign in, and lead back", async () => {
  const shopper = new Shopper(shop.origin);
  const asked = await shopper.get("/account");
  assert.deepEqual([asked.status, asked.headers["location"]], [302, "/account/login?next=%2Faccount"]);
});

test("an account's orders are listed, and its details can be changed", async () => {
  const { shopper } = await registered();
  await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
  const id = orderId(await shopper.post("/cart/checkout", checkoutFields));
  assert.ok((await shopper.get("/account/orders")).text.includes(`/orders/${id}`));
  const changed = await shopper.submit(await shopper.get("/account"), "/account", { firstName: "Augusta" });
  assert.equal(changed.status, 200);
  assert.match(changed.text, /Hello, Augusta/);
});

test("a new password ends the other sessions and keeps this one", async () => {
  const { shopper, email } = await registered();
  const other = new Shopper(shop.origin);
  await other.post("/account/login", { email, password });
  const form = await shopper.get("/account");
  const changed = await shopper.submit(form, "/account", {
    password: "another walk by the sea",
    currentPassword: password,
  });
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await shopper.get("/account")).status, 200);
  await eventually("the other session has ended", async () => (await other.get("/account")).status === 302);
});

test("a session whose token has ended goes on through its refresh token, also in three tabs at once", async () => {
  const { shopper } = await registered();
  shopper.cookies.delete("stoa_token");
  const pages = await Promise.all([1, 2, 3].map(async () => await shopper.get("/account")));
  assert.deepEqual(
    pages.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.ok(shopper.cookies.has("stoa_token"));
  shopper.cookies.set("stoa_token", "not.a.token");
  assert.equal((await shopper.get("/account")).status, 200);
});

for (const { service, refreshCookie, page } of [
  { service: "storefront", refreshCookie: "stoa_refresh", page: "/account" },
  { service: "admin", refreshCookie: "stoa_admin_refresh", page: "/admin/orders" },
] as const)
  test(`two processes of the ${service} that renew one session at once both go on, and either serves it`, async () => {
    const other = await openPagesProcess(service, shop);
    const { shopper } = service === "storefront" ? await registered() : await signedInToAdmin();
    let refresh = shopper.cookies.get(refreshCookie) ?? assert.fail();
    for (let round = 0; round < 5; round += 1) {
      const tabs = [shop.origin, other, shop.origin, other].map((origin) => new Shopper(origin));
      for (const tab of tabs) tab.cookies.set(refreshCookie, refresh);
      const pages = await Promise.all(tabs.map(async (tab) => await tab.get(page)));
      assert.deepEqual(
        pages.map(({ status }) => status),
        [200, 200, 200, 200],
      );
      const kept = tabs.map(({ cookies }) => cookies.get(refreshCookie) ?? assert.fail());
      assert.equal(kept.includes(refresh), false);
      assert.ok(new Set(kept).size >= 2, "each process has a pair of its own");
      for (const tab of tabs) assert.equal((await tab.get(page)).status, 200);
      refresh = kept[round % 4] ?? assert.fail();
    }
  });

test("forged tokens are as good as none, and the cookies go", async () => {
  const shopper = new Shopper(shop.origin);
  shopper.cookies.set("stoa_token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.");
  shopper.cookies.set("stoa_refresh", "forged");
  assert.equal((await shopper.get("/")).status, 200);
  assert.equal((await shopper.get("/account")).status, 302);
  assert.equal(shopper.cookies.has("stoa_token") || shopper.cookies.has("stoa_refresh"), false);
});

test("signing out expires every cookie that was sent, and the token is worth nothing afterwards", async () => {
  const { shopper } = await registered();
  const token = shopper.cookies.get("stoa_token") ?? "";
  shopper.cookies.set("somebody_elses", "1");
  const out = await shopper.get("/logout");
  assert.deepEqual([out.status, out.headers["location"]], [302, "/"]);
  assert.equal(shopper.cookies.size, 0);
  const thief = new Shopper(shop.origin);
  await eventually("the token is refused", async () => {
    thief.cookies.set("stoa_token", token);
    return (await thief.get("/account")).status === 302;
  });
});

test("pages of the staff ask strangers to sign in and refuse customers", async () => {
  const stranger = new Shopper(shop.origin);
  const { shopper: customer } = await registered();
  for (const path of ["/admin", "/admin/mail", "/admin/mail/1", "/admin/mail/1/html"]) {
    assert.equal((await stranger.get(path)).status, 302, path);
    assert.equal((await customer.get(path)).status, 403, path);
  }
});

test("the staff sees orders and moves them on, and reads the mail of an order in a locked frame", async () => {
  const { shopper, email } = await registered();
  await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
  const id = orderId(await shopper.post("/cart/checkout", { ...checkoutFields, email }));
  const manager = await staff();
  assert.ok((await manager.get("/admin")).text.includes(`/orders/${id}`));
  const shipped = await manager.submit(await manager.get(`/orders/${id}`), `/orders/${id}/status`);
  assert.match((await manager.follow(shipped)).text, /On its way/);
  assert.equal((await shopper.post(`/orders/${id}/status`, { status: "delivered" })).status, 403);
  let row: RegExpExecArray | null = null;
  await eventually("the mail is kept", async () => {
    const { text } = await manager.get("/admin/mail");
    row = new RegExp(`href="(/admin/mail/[^"]+)"[^<]*<[\\s\\S]{0,200}?${email}`).exec(text);
    return row !== null;
  });
  const path = (row as RegExpExecArray | null)?.[1] ?? "";
  assert.match((await manager.get(path)).text, /<iframe[^>]*\ssandbox\b/);
  const mail = await manager.get(`${path}/html`);
  assert.equal(mail.status, 200);
  assert.match(String(mail.headers["content-security-policy"]), /^sandbox; default-src 'none'/);
});

const payload = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;

test("a product named like markup is shown as text on every page that shows it", async () => {
  const login = await fetch(`${shop.origin}/api/users/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(admin),
  });
  const { token } = (await login.json()) as { token: string };
  const created = await fetch(`${shop.origin}/api/products`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      name: `Trap ${payload}`,
      description: payload,
      price: { amount: shop.prices.ofMinor(1_000), currencyCode: shop.prices.currency },
      category: "kitchen",
      attributes: { note: payload },
      variants: [
        { sku: "TRAP-1", options: { kind: payload }, stockQuantity: 25 },
        { sku: "TRAP-2", options: { kind: "plain" }, stockQuantity: 25 },
      ],
    }),
  });
  const product = (await created.json()) as { id: string; slug: string };
  assert.equal(created.status, 201, JSON.stringify(product));
  const shopper = new Shopper(shop.origin);
  const productPage = await shopper.get(`/product/${product.id}`);
  const cart = await shopper.follow(await shopper.submit(productPage, "/cart"));
  const typed = { ...checkoutFields, full_name: payload, city: payload };
  const refused = await shopper.order(cart, {
    ...typed,
    credit_card_number: "4000000000000002",
  });
  const order = await shopper.order(cart, { ...typed, city: "Mountain View" });
  const pages: [name: string, page: PageShown][] = [
    ["home", await shopper.get("/")],
    ["category", await shopper.get("/category/kitchen?sort=price")],
    ["search", await shopper.get("/search?q=Trap")],
    ["product", productPage],
    ["cart", cart],
    ["refused checkout", refused],
    ["order", order],
    ["order page", await shopper.get(`/orders/${orderId(order)}`)],
  ];
  for (const [name, { text }] of pages) {
    assert.doesNotMatch(
      text,
      /<script>|<img src=x|<script(?![^>]*\ssrc="\/static\/(shop|checkout|variants)\.js)/i,
      name,
    );
    assert.ok(unescape(text).includes("<script>alert(1)</script>"), `${name} shows it`);
  }
});

test("a name like markup is a name in the account", async () => {
  const { shopper } = await registered();
  const changed = await shopper.submit(await shopper.get("/account"), "/account", {
    firstName: payload.slice(0, 60),
  });
  assert.doesNotMatch(changed.text, /<script>/);
  assert.ok(unescape(changed.text).includes("<script>alert(1)</script>"));
});

interface MailShown {
  readonly template: string;
  readonly recipient: string;
  readonly text: string;
}

/** The newest mail of this kind to this address, as the staff reads it. */
async function mailTo(recipient: string, template: string): Promise<MailShown> {
  const login = await callRest(shop.origin, "POST", "/api/users/login", { body: admin });
  const token = String(login.body["token"]);
  let found: MailShown | undefined;
  await eventually(`a mail ${template} to ${recipient} is there`, async () => {
    const list = await callRest(shop.origin, "GET", "/api/mails?limit=50", { token });
    const { items } = list.body as unknown as { items: (MailShown & { id: string })[] };
    const mail = items.find((one) => one.template === template && one.recipient === recipient);
    if (mail) found = (await callRest(shop.origin, "GET", `/api/mails/${mail.id}`, { token })).body as never;
    return found !== undefined;
  });
  return found ?? assert.fail();
}

function linkIn({ text }: MailShown, path: string): string {
  const [link = ""] = new RegExp(`${path}\\S+`).exec(text) ?? [];
  assert.notEqual(link, "", text);
  return link;
}

test("a guest's mail opens her order in any browser, without signing in, and nothing else", async () => {
  const shopper = new Shopper(shop.origin);
  const email = `guest-${(people += 1)}@example.com`;
  await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
  const placed = await shopper.post("/cart/checkout", { ...checkoutFields, email });
  const id = orderId(placed.status === 302 ? await shopper.follow(placed) : placed);
  const link = linkIn(await mailTo(email, "order-confirmation"), `/orders/${id}`);
  const elsewhere = new Shopper(shop.origin);
  const opened = await elsewhere.get(link);
  assert.deepEqual([opened.status, opened.headers["location"]], [303, `/orders/${id}`]);
  assert.equal(opened.headers["referrer-policy"], "no-referrer");
  assert.match(
    String(opened.headers["set-cookie"]),
    new RegExp(`stoa_order=[^;]+;.*Path=/orders/${id}; HttpOnly`),
  );
  const shown = await elsewhere.get(`/orders/${id}`);
  assert.equal(shown.status, 200);
  assert.match(shown.text, /Tideline Mug/);
  assert.doesNotMatch(shown.text, /access=|action="\/orders\/[^"]+\/cancel"/);
  const forged = new Shopper(shop.origin);
  await forged.get(`${link}x`);
  const refused = await forged.get(`/orders/${id}`);
  assert.equal(refused.status, 404);
  assert.match(refused.text, /opens no order any more.*action="\/orders\/lookup"/);
  assert.doesNotMatch(refused.text, /Tideline Mug/);
  elsewhere.cookies.set("stoa_token", "");
  assert.equal((await elsewhere.post(`/orders/${id}/cancel`)).status, 404);

  const number = /S-[0-9A-Z]{10}/.exec(shown.text)?.[0] ?? assert.fail();
  const stranger = new Shopper(shop.origin);
  const answers = [];
  for (const fields of [
    { orderNumber: number, email: "stranger@example.com" },
    { orderNumber: "S-0000000000", email },
    { orderNumber: number.toLowerCase(), email: email.toUpperCase() },
  ])
    answers.push(
      (await stranger.submit(await stranger.get("/orders/lookup"), "/orders/lookup", fields)).text,
    );
  assert.deepEqual(answers, [answers[0], answers[0], answers[0]]);
  const again = linkIn(await mailTo(email, "order-link"), `/orders/${id}`);
  await stranger.get(again);
  assert.equal((await stranger.get(`/orders/${id}`)).status, 200);
});

test("a forgotten password is replaced by what a mail says: once, and everything is signed out", async () => {
  const { shopper, email } = await registered();
  const asks = [];
  for (const address of ["nobody-at-all@example.com", email])
    asks.push(
      await shopper.submit(await shopper.get("/account/forgot"), "/account/forgot", { email: address }),
    );
  assert.deepEqual([asks[1]?.status, asks[1]?.text], [200, asks[0]?.text]);
  const link = linkIn(await mailTo(email, "password-reset"), "/account/reset");
  const elsewhere = new Shopper(shop.origin);
  const opened = await elsewhere.get(link);
  assert.deepEqual([opened.status, opened.headers["location"]], [303, "/account/reset"]);
  const form = await elsewhere.get("/account/reset");
  const weak = await elsewhere.submit(form, "/account/reset", { password: "short" });
  assert.equal(weak.status, 422);
  const better = { password: "another walk by the sea" };
  const done = await elsewhere.submit(form, "/account/reset", better);
  assert.deepEqual([done.status, /Your password is changed/.test(done.text)], [200, true]);
  assert.match((await mailTo(email, "password-changed")).text, /was changed/);
  const used = new Shopper(shop.origin);
  await used.get(link);
  const refused = await used.submit(await used.get("/account/reset"), "/account/reset", better);
  assert.match(refused.text, /has been used or has expired/);
  await eventually("the old session is over", async () => (await shopper.get("/account")).status === 302);
  assert.equal((await elsewhere.post("/account/login", { email, password })).status, 401);
  assert.equal((await elsewhere.post("/account/login", { email, ...better })).status, 302);
});
