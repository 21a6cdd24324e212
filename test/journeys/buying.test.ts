// From the product page to the parcel, on the real shop, without JavaScript.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { registry } from "#platform/telemetry/metrics.ts";
import { askNastily, marker, shownSeries, sumOf } from "./metric-series.ts";
import { journeyShop } from "./open-shop.ts";
import { madeUpAddresses } from "../../services/storefront/testing/made-up-addresses.ts";
import { checkoutFields, formFields, Shopper, type PageShown } from "./shopper.ts";

const shop = await journeyShop();
const { prices } = shop;

/** A shopper with two mugs in the cart, and the cart page. */
async function shopperWithCart(): Promise<{ shopper: Shopper; cart: PageShown }> {
  const shopper = new Shopper(shop.origin);
  const product = await shopper.get("/product/6E92ZMYYFZ");
  const cart = await shopper.follow(await shopper.submit(product, "/cart", { quantity: "2" }));
  return { shopper, cart };
}

function orderId(page: PageShown): string {
  return (
    /<dt>Order id<\/dt>\s*<dd><code>([^<]+)/.exec(page.text)?.[1] ?? assert.fail(page.text.slice(0, 2_000))
  );
}

function cartCount(page: PageShown): number {
  return Number(/<b class="badge">(\d+)<\/b>/.exec(page.text)?.[1] ?? 0);
}

test("a product goes from its page into the cart and becomes an order with number, tracking and total", async () => {
  const { shopper, cart } = await shopperWithCart();
  assert.match(cart.text, /Tideline Mug/);
  assert.ok(cart.text.includes(prices.shows("17.98")));
  assert.equal(cartCount(cart), 2);
  const done = await shopper.order(cart, checkoutFields);
  assert.equal(done.status, 200, done.text);
  assert.match(orderId(done), /^[0-9a-f-]{36}$/);
  assert.match(done.text, /<dt>Tracking number<\/dt>\s*<dd>\s*<code>[^<]+<\/code>/);
  assert.match(done.text, new RegExp(`<dt>Total paid</dt>\\s*<dd>\\s*${prices.anyAmount()}`));
  assert.match(done.text, /This page is your confirmation/);
  assert.equal(cartCount(await shopper.get("/")), 0);
});

test("reloading the order page, however often, is the same one order", async () => {
  const { shopper, cart } = await shopperWithCart();
  const first = await shopper.order(cart, checkoutFields);
  const again = await Promise.all([1, 2, 3].map(async () => await shopper.order(cart, checkoutFields)));
  for (const page of again) assert.equal(orderId(page), orderId(first));
  const orders = await shopper.get("/account/orders");
  assert.equal(orders.text.match(/<a href="\/orders\/[0-9a-f]{8}-/g)?.length, 1);
});

test("a double click is one order", async () => {
  const { shopper, cart } = await shopperWithCart();
  const pages = await Promise.all([1, 2].map(async () => await shopper.order(cart, checkoutFields)));
  assert.equal(new Set(pages.map(orderId)).size, 1);
});

test("after paying the browser is led to the order's page, which says thanks, and can be loaded again and shared", async () => {
  const { shopper, cart } = await shopperWithCart();
  const answer = await shopper.submit(cart, "/cart/checkout", checkoutFields);
  assert.equal(answer.status, 303);
  const address = String(answer.headers["location"]);
  assert.match(address, /^\/orders\/[0-9a-f-]{36}$/);
  for (const page of [await shopper.follow(answer), await shopper.get(address)]) {
    assert.match(page.text, /Thank you, your order is placed/);
    assert.equal(`/orders/${orderId(page)}`, address);
  }
  shopper.cookies.delete("shop_placed");
  assert.doesNotMatch((await shopper.get(address)).text, /Thank you/);
});

test("a client of the contract, which knows nothing of our fields, buys with the contract's fields alone", async () => {
  const shopper = new Shopper(shop.origin);
  const added = await shopper.post("/cart", { product_id: "OLJCESPC7Z", quantity: "3" });
  assert.deepEqual([added.status, added.headers["location"]], [302, "/cart"]);
  const done = await shopper.post("/cart/checkout", checkoutFields);
  assert.equal(done.status, 200, done.text);
  assert.match(orderId(done), /^[0-9a-f-]{36}$/);
  assert.equal(
    (await shopper.post("/cart/checkout", checkoutFields)).status,
    422,
    "an empty cart is not bought",
  );
});

test("the cart page offers this year and the twenty after it, and the contract's fields", async () => {
  const { cart } = await shopperWithCart();
  const year = new Date().getFullYear();
  const years = /name="credit_card_expiration_year"[\s\S]*?<\/select>/.exec(cart.text)?.[0] ?? "";
  assert.deepEqual(
    [...years.matchAll(/<option value="(\d+)"/g)].map(([, value]) => Number(value)),
    Array.from({ length: 21 }, (_, more) => year + more),
  );
  const fields = formFields(cart.text, "/cart/checkout");
  for (const name of Object.keys(checkoutFields)) assert.ok(name in fields, name);
});

test("quantities that are no whole number from 1 to 10, and forms without a product, are refused with 422", async () => {
  const shopper = new Shopper(shop.origin);
  for (const quantity of ["", "0", "11", "-1", "1.5", "1e1", "two", "99999999999", " ", "٣"])
    assert.equal((await shopper.post("/cart", { product_id: "OLJCESPC7Z", quantity })).status, 422, quantity);
  assert.equal((await shopper.post("/cart", { quantity: "1" })).status, 422);
  assert.equal((await shopper.post("/cart", { product_id: "XXXXXXXXXX", quantity: "1" })).status, 404);
  assert.match((await shopper.get("/cart")).text, /Your cart is empty/);
});

test("the chosen variant is the one in the cart, with its price", async () => {
  const shopper = new Shopper(shop.origin);
  const page = await shopper.get("/product/1YMWWN1N4O");
  const dear = prices.shows("124.99").replace(/[$.]/g, "\\$&");
  const steel = new RegExp(`value="([0-9a-f-]{36})"\\s+data-price="${dear}"`).exec(page.text)?.[1] ?? "";
  const cart = await shopper.follow(await shopper.submit(page, "/cart", { variant_id: steel }));
  assert.match(cart.text, /steel mesh/);
  assert.ok(cart.text.includes(prices.shows("124.99")));
});

test("a line changes its quantity and goes; emptying the cart leads home", async () => {
  const { shopper, cart } = await shopperWithCart();
  const more = await shopper.follow(await shopper.submit(cart, "/cart/items", { quantity: "5" }));
  assert.equal(cartCount(more), 5);
  const removed = await shopper.follow(await shopper.submit(more, "/cart/items", { remove: "1" }));
  assert.match(removed.text, /Your cart is empty/);
  assert.equal((await shopper.submit(cart, "/cart/items", { remove: "1" })).status, 302, "twice is no error");
  await shopper.post("/cart", { product_id: "OLJCESPC7Z", quantity: "1" });
  const asked = await shopper.get("/cart/empty");
  assert.match(asked.text, /Empty the cart\?/);
  assert.equal(cartCount(await shopper.get("/cart")), 1, "asking empties nothing");
  assert.equal((await shopper.submit(asked, "/cart/empty")).status, 302);
  await shopper.post("/cart", { product_id: "OLJCESPC7Z", quantity: "1" });
  const emptied = await shopper.post("/cart/empty");
  assert.deepEqual([emptied.status, emptied.headers["location"]], [302, "/"]);
  assert.match((await shopper.get("/cart")).text, /Your cart is empty/);
});

test("a field that is missing or cannot be is refused with 422, and what was typed stays, but never the card", async () => {
  const { shopper } = await shopperWithCart();
  for (const name of Object.keys(checkoutFields)) {
    const fields = { ...checkoutFields };
    delete (fields as Record<string, string>)[name];
    assert.equal((await shopper.post("/cart/checkout", fields)).status, 422, `without ${name}`);
  }
  const wrong: [name: string, value: string][] = [
    ["email", "ada"],
    ["email", "ada@"],
    ["zip_code", "0"],
    ["country", "XX"],
    ["city", "x".repeat(129)],
    ["state", "x".repeat(129)],
    ["street_address", "x".repeat(513)],
    ["credit_card_number", "4242424242424241"],
    ["credit_card_number", "abcd"],
    ["credit_card_expiration_month", "13"],
    ["credit_card_expiration_month", "0"],
    ["credit_card_expiration_year", "2001"],
    ["credit_card_cvv", "0"],
    ["credit_card_cvv", "abc"],
  ];
  for (const [name, value] of wrong) {
    const page = await shopper.post("/cart/checkout", { ...checkoutFields, [name]: value });
    assert.equal(page.status, 422, `${name}=${value.slice(0, 20)}: ${page.status}`);
    assert.doesNotMatch(page.text, /4242|value="672"/);
    if (name !== "street_address") assert.match(page.text, /value="1600 Amphitheatre Parkway"/);
  }
  assert.equal(cartCount(await shopper.get("/cart")), 2, "nothing was bought");
});

test("where the country is a code, a wrong postal code is refused with a right one, and a right one is stored as it is spelt", async () => {
  const { shopper } = await shopperWithCart();
  const british = { ...checkoutFields, country: "GB", state: "", city: "London" };
  const wrong = await shopper.post("/cart/checkout", { ...british, zip_code: "94043" });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /not a postal code of United Kingdom; one looks like SW1A 1AA/);
  const done = await shopper.post("/cart/checkout", { ...british, zip_code: "sw1a1aa" });
  assert.equal(done.status, 200, done.text);
  assert.match(done.text, /SW1A 1AA/);
});

test("a country's name is free text: no postal code is wrong in it, and no country unheard of", async () => {
  for (const country of ["United States", "Deutschland", "Atlantis"]) {
    const { shopper } = await shopperWithCart();
    const done = await shopper.post("/cart/checkout", {
      ...checkoutFields,
      country,
      zip_code: "no such code",
    });
    assert.equal(done.status, 200, done.text);
    assert.match(done.text, /no such code/i);
    assert.match(done.text, country === "Atlantis" ? /Atlantis/ : /United States|Germany/);
  }
});

test("what the foreign contract's load generator makes up is bought: any parts of an address, a card good for 71 years", async () => {
  const { shopper } = await shopperWithCart();
  const year = String(new Date().getUTCFullYear() + 71);
  for (const fields of madeUpAddresses(30)) {
    await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
    const asked = { ...checkoutFields, ...fields, credit_card_expiration_year: year };
    const done = await shopper.post("/cart/checkout", asked);
    assert.equal(done.status, 200, `${JSON.stringify(fields)}: ${done.text}`);
  }
});

test("a declined card is 402 with the reason and the typed address; another card then buys the same cart", async () => {
  const { shopper, cart } = await shopperWithCart();
  const declined = await shopper.order(cart, {
    ...checkoutFields,
    credit_card_number: "4000000000000002",
  });
  assert.equal(declined.status, 402);
  assert.match(declined.text, /role="alert">[^<]*declined/);
  assert.match(declined.text, /value="1600 Amphitheatre Parkway"/);
  assert.doesNotMatch(declined.text, /40000|value="672"/);
  const done = await shopper.order(declined, checkoutFields);
  assert.equal(done.status, 200, done.text);
});

test("when shipping to the typed address costs more than was shown, the page asks before it charges", async () => {
  const { shopper, cart } = await shopperWithCart();
  const abroad = { ...checkoutFields, country: "Australia", state: "NSW", city: "Sydney", zip_code: "2000" };
  const asked = await shopper.order(cart, abroad);
  assert.equal(asked.status, 409, asked.text);
  assert.match(asked.text, /The total has changed/);
  const shown = new RegExp(`Place order · (${prices.anyAmount()})`).exec(asked.text)?.[1] ?? assert.fail();
  const done = await shopper.order(asked, abroad);
  assert.equal(done.status, 200);
  assert.ok(done.text.includes(shown), `${shown} was shown and is what is paid`);
});

test("a cart that changed in another tab is not bought unseen", async () => {
  const { shopper, cart } = await shopperWithCart();
  await shopper.post("/cart", { product_id: "1YMWWN1N4O", quantity: "1" });
  const asked = await shopper.order(cart, checkoutFields);
  assert.equal(asked.status, 409);
  assert.match(asked.text, /Meridian Watch/);
});

const [other] = prices.others;
if (other !== undefined)
  test("in another currency the cart, the order and every sum are in that currency", async () => {
    const shopper = new Shopper(shop.origin);
    await shopper.post("/setCurrency", { currency_code: other });
    const product = await shopper.get("/product/6E92ZMYYFZ");
    const cart = await shopper.follow(await shopper.submit(product, "/cart"));
    const body = (page: PageShown) => /<main[\s\S]*<\/main>/.exec(page.text)?.[0] ?? "";
    assert.match(body(cart), new RegExp(prices.anyAmount(other)));
    assert.doesNotMatch(
      body(cart).replace(/<section class="wrap section">[\s\S]*/, ""),
      new RegExp(prices.anyAmount()),
    );
    const done = await shopper.order(cart, checkoutFields);
    assert.match(done.text, new RegExp(`<dt>Total paid</dt>\\s*<dd>\\s*${prices.anyAmount(other)}`));
  });

test("with checkout switched off nothing is bought and the cart stays", async () => {
  const { shopper, cart } = await shopperWithCart();
  shop.flags.set("ENABLE_CHECKOUT", false);
  try {
    const told = await shopper.get("/cart");
    assert.match(told.text, /We take no orders for the moment/);
    assert.doesNotMatch(told.text, /credit_card_number/);
    const page = await shopper.order(cart, checkoutFields);
    assert.equal(page.status, 503);
    assert.ok(page.headers["retry-after"]);
    assert.equal(cartCount(page), 2);
  } finally {
    shop.flags.delete("ENABLE_CHECKOUT");
  }
});

test("the buyer follows the order and cancels it, once; nobody else sees that it exists", async () => {
  const { shopper, cart } = await shopperWithCart();
  const id = orderId(await shopper.order(cart, checkoutFields));
  const order = await shopper.get(`/orders/${id}`);
  assert.equal(order.status, 200);
  assert.match(order.text, /Being packed/);
  assert.ok(order.text.includes(`href="/orders/${id}/cancel"`));
  const asked = await shopper.get(`/orders/${id}/cancel`);
  assert.match(asked.text, new RegExp(`${prices.anyAmount()} goes back to your card, Visa ending in 4242`));
  assert.match((await shopper.get(`/orders/${id}`)).text, /Being packed/, "asking cancels nothing");
  const cancelled = await shopper.follow(await shopper.submit(asked, `/orders/${id}/cancel`));
  assert.match(cancelled.text, /Cancelled/);
  assert.doesNotMatch(cancelled.text, /Cancel this order/);
  const again = await shopper.get(`/orders/${id}/cancel`);
  assert.deepEqual([again.status, again.headers["location"]], [302, `/orders/${id}`]);
  const stranger = new Shopper(shop.origin);
  await stranger.get("/");
  assert.equal((await stranger.get(`/orders/${id}/cancel`)).status, 404);
  assert.equal((await stranger.get(`/orders/${id}`)).status, 404);
  assert.equal((await stranger.post(`/orders/${id}/cancel`)).status, 404);
});

test("posts that other sites cause are refused and change nothing", async () => {
  const { shopper } = await shopperWithCart();
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: shop.origin.replace("127.0.0.1", "shop.127.0.0.1") },
  ];
  const posts: [path: string, fields: Record<string, string>][] = [
    ["/cart", { product_id: "OLJCESPC7Z", quantity: "1" }],
    ["/cart/empty", {}],
    ["/cart/items", { product_id: "6E92ZMYYFZ", quantity: "0" }],
    ["/cart/checkout", { ...checkoutFields }],
    ["/setCurrency", { currency_code: "EUR" }],
    ["/account/login", { email: "a@example.com", password: "x" }],
    ["/account/register", { email: "a@example.com", password: "long enough", firstName: "A", lastName: "B" }],
    ["/account", { firstName: "Eve" }],
  ];
  for (const headers of foreign) {
    for (const [path, fields] of posts)
      assert.equal((await shopper.post(path, fields, headers as Record<string, string>)).status, 403, path);
    assert.equal((await shopper.get("/logout", headers as Record<string, string>)).status, 403);
  }
  assert.equal(shopper.cookies.has("shop_currency"), false);
  assert.equal(cartCount(await shopper.get("/cart")), 2);
});

test("bodies that are no form, or too large, are refused with a page", async () => {
  const shopper = new Shopper(shop.origin);
  const json = await shopper.send("POST", "/cart", '{"product_id":"OLJCESPC7Z"}', {
    "content-type": "application/json",
  });
  assert.equal(json.status, 415);
  const large = await shopper.post("/cart", { product_id: "x".repeat(70_000) });
  assert.equal(large.status, 413);
  assert.match(large.text, /<!doctype html>/);
});

test("what was bought stands in the figures: orders and money by currency, carts, checkouts and searches", async () => {
  const names = [
    "stoa_orders_total",
    "stoa_revenue_total",
    "stoa_carts_started_total",
    "stoa_checkouts_started_total",
  ];
  const figures = async () => await Promise.all(names.map(async (name) => await sumOf(name)));
  const before = await figures();
  const { shopper, cart } = await shopperWithCart();
  await shopper.order(cart, checkoutFields);
  const [orders = 0, revenue = 0, carts, checkouts] = (await figures()).map(
    (now, index) => now - (before[index] ?? 0),
  );
  assert.deepEqual([orders, carts, checkouts], [1, 1, 1]);
  assert.ok(revenue > (0.01 * (await sumOf("stoa_revenue_total"))) / (await sumOf("stoa_orders_total")));
  const refused = await sumOf("stoa_orders_refused_total", 'reason="CARD_DECLINED"');
  const other = await shopperWithCart();
  await other.shopper.order(other.cart, { ...checkoutFields, credit_card_number: "4000000000000002" });
  assert.equal(await sumOf("stoa_orders_refused_total", 'reason="CARD_DECLINED"'), refused + 1);
  assert.ok((await sumOf("stoa_payments_declined_total", 'reason="CARD_DECLINED"')) >= 1);
  const found = await sumOf("stoa_searches_total", 'outcome="empty"');
  await shopper.get("/search?q=nothingiscalledso");
  assert.equal(await sumOf("stoa_searches_total", 'outcome="empty"'), found + 1);
});

test("whatever is asked, how often and by whom, metrics grow by no series", async () => {
  await askNastily(shop.origin);
  const before = await shownSeries();
  for (let round = 0; round < 5; round += 1) await askNastily(shop.origin);
  // Jobs go on meanwhile: their statements and runs are as many as there are functions.
  const isOfJobs = (series: string) => /^(?:db_client_operation|stoa_(?:job|task|log|database))/.test(series);
  const grown = [...(await shownSeries())].filter((series) => !before.has(series) && !isOfJobs(series));
  assert.deepEqual(grown, []);
  const all = [...(await shownSeries())];
  assert.deepEqual(
    all.filter((series) => series.toLowerCase().includes(marker)),
    [],
  );
  assert.ok(all.some((series) => series.includes('http_request_method="_OTHER"')));
  const summaries = new Set(
    all.map((series) => /db_query_summary="([^"]*)"/.exec(series)?.[1]).filter(Boolean),
  );
  assert.ok(summaries.size > 30 && summaries.size < 400, `${summaries.size} names of statements`);
});

test("every metric says what it means, names its unit and stands in the reference", async () => {
  const page = readFileSync(new URL("../../docs/reference/metrics.md", import.meta.url), "utf8");
  const known = new Set(page.match(/`[a-z]\w+`/g));
  const counted =
    /_(?:seconds|bytes|ratio|total|info|count|max|requests|limit|due|dead|open|breaker|connections|violations|active|handles)$/;
  for (const { name, help } of await registry.getMetricsAsJSON()) {
    assert.ok(known.has(`\`${name}\``), `${name} is not in docs/reference/metrics.md: npm run gen`);
    assert.match(help, /^[A-Z].{15,}\.$/, name);
    assert.match(name, counted);
  }
});
