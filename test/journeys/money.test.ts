// What a merchant's money goes through: quotes, orders, partial refunds, mails, price filters and imports, over the REST API.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "#platform/testing/test-clock.ts";
import { importFile } from "../../services/catalog/import.ts";
import { ProductFields } from "../../services/catalog/product-fields.ts";
import { callRest, newGuest, order as purchase, type RestAnswer } from "../lab/rest-buyer.ts";
import { admin, journeyShop } from "./open-shop.ts";

const shop = await journeyShop();
const { prices } = shop;
const { currency } = prices;
const mug = "6E92ZMYYFZ";
const money = (amount: string) => ({ amount, currencyCode: currency });
/** Decimal strings as whole minor units, to add them up exactly. */
const minorOf = (amount: string) => BigInt(amount.replace(".", ""));

async function ask(method: string, path: string, token?: string, body?: object): Promise<RestAnswer> {
  return await callRest(shop.origin, method, path, {
    ...(token === undefined ? {} : { token }),
    ...(body ? { body } : {}),
  });
}

async function adminToken(): Promise<string> {
  return String((await ask("POST", "/api/users/login", undefined, admin)).body["token"]);
}

interface Shown {
  readonly id: string;
  readonly currencyCode: string;
  readonly items: readonly { readonly price: object; readonly subtotal: object }[];
  readonly subtotal: { readonly amount: string };
  readonly shippingCost: { readonly amount: string };
  readonly totalAmount: { readonly amount: string };
  readonly refundedAmount?: object;
}

async function buyTwoMugs(): Promise<{ token: string; order: Shown }> {
  const { token } = await newGuest(shop.origin);
  const items = [{ productId: mug, quantity: 2 }];
  const { status, body } = await ask("POST", "/api/orders", token, { ...purchase, items });
  assert.equal(status, 201, JSON.stringify(body));
  return { token, order: body as unknown as Shown };
}

test("a quote and its order are in the shop's currency, to its last decimal, and add up", async () => {
  const { token } = await newGuest(shop.origin);
  const { shippingAddress } = purchase;
  const items = [{ productId: mug, quantity: 2 }];
  const quote = (await ask("POST", "/api/checkout/quote", token, { items, shippingAddress })).body;
  assert.equal(quote["currencyCode"], currency);
  assert.deepEqual(quote["subtotal"], money(prices.costs("17.98")));
  assert.deepEqual(quote["shippingCost"], money(prices.costs("8.99")));
  const { order } = await buyTwoMugs();
  assert.equal(order.currencyCode, currency);
  assert.deepEqual(order.items[0]?.price, money(prices.costs("8.99")));
  assert.deepEqual(order.items[0]?.subtotal, money(prices.costs("17.98")));
  const sum = minorOf(order.subtotal.amount) + minorOf(order.shippingCost.amount);
  assert.equal(minorOf(order.totalAmount.amount), sum);
  assert.deepEqual(order.totalAmount, quote["total"]);
});

test("part of an order is refunded to the last decimal and no further, and the mail says how much", async () => {
  const token = await adminToken();
  const { order } = await buyTwoMugs();
  const path = `/api/orders/${order.id}/refunds`;
  const amount = prices.ofMinor(155);
  const finer = { amount: money(`${amount}${amount.includes(".") ? "5" : ".5"}`), reason: "A scratch." };
  assert.deepEqual([(await ask("POST", path, token, finer)).status], [400], "an amount nobody can pay");
  const refunded = await ask("POST", path, token, { amount: money(amount), reason: "A scratch." });
  assert.equal(refunded.status, 201, JSON.stringify(refunded.body));
  assert.deepEqual(refunded.body["amount"], money(amount));
  const total = order.totalAmount;
  assert.equal((await ask("POST", path, token, { amount: total, reason: "All." })).status, 409);
  let text = "";
  await eventually("the mail about the refund is there", async () => {
    const { body } = await ask("GET", `/api/mails?orderId=${order.id}`, token);
    const mails = body["items"] as { id: string; template: string }[];
    const mail = mails.find(({ template }) => template === "order-refunded");
    if (mail) text = String((await ask("GET", `/api/mails/${mail.id}`, token)).body["text"]);
    return mail !== undefined;
  });
  const shown = { USD: "$1.55", EUR: "€1.55", JPY: "¥155", KWD: "KWD\u00a00.155" }[currency];
  assert.ok(text.includes(shown), text);
});

test("prices are filtered and sorted as amounts of the shop's currency, or of the one that is asked for", async () => {
  const cheapest = async (query: string) => {
    const { status, body } = await ask("GET", `/api/products?sort=price&limit=1&${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return (body["items"] as { price: { amount: string; currencyCode: string } }[])[0]?.price;
  };
  const from = await cheapest(`minPrice=${prices.costs("18.99")}`);
  assert.deepEqual(from, money(prices.costs("18.99")));
  for (const other of prices.others) assert.equal((await cheapest(`currency=${other}`))?.currencyCode, other);
  const finer = `${prices.costs("18.99")}${prices.costs("18.99").includes(".") ? "9" : ".9"}`;
  assert.equal((await ask("GET", `/api/products?minPrice=${finer}`)).status, 400);
});

test("what the shop has no rate for is refused in words, whoever asks", async () => {
  const { token } = await newGuest(shop.origin);
  const refusals = await Promise.all([
    ask("GET", `/api/products?currency=CLP`),
    ask("GET", `/api/products/${mug}?currency=CLP`),
    ask("GET", `/api/currencies/convert?from=${currency}&to=CLP&amount=1`),
    ask("POST", "/api/orders", token, {
      ...purchase,
      items: [{ productId: mug, quantity: 1 }],
      currencyCode: "CLP",
    }),
  ]);
  for (const { status, body } of refusals)
    assert.deepEqual([status, body["code"]], [400, "CURRENCY_UNKNOWN"], JSON.stringify(body));
  const listed = (await ask("GET", "/api/currencies")).body["items"] as { code: string }[];
  const codes = listed.map(({ code }) => code);
  for (const code of [currency, ...prices.others]) assert.ok(codes.includes(code), code);
  if (prices.others.length > 0) return;
  assert.deepEqual(codes, [currency]);
  for (const { body } of refusals) assert.match(String(body["detail"]), /sells in KWD alone/);
});

test("an import reads prices with the decimals of the shop's currency", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "stoa-import-"));
  t.after(async () => await rm(folder, { recursive: true, force: true }));
  const path = join(folder, "goods.csv");
  const price = prices.ofMinor(12_345);
  const finer = `${price}${price.includes(".") ? "1" : ".1"}`;
  const rows = [
    "code,name,price,category",
    `MONEYRIGHT,Right,${price},kitchen`,
    `MONEYWRONG,Wrong,${finer},kitchen`,
  ];
  await writeFile(path, rows.join("\n"));
  const db = shop.running.services.find(({ name }) => name === "catalog")?.db ?? assert.fail();
  const counts = await importFile(
    { db, baseCurrency: currency, fields: new ProductFields([]), note: () => Promise.resolve() },
    path,
    () => undefined,
  );
  assert.deepEqual([counts.created, counts.refused], [1, 1]);
  const { body } = await ask("GET", "/api/products/MONEYRIGHT");
  assert.deepEqual(body["price"], money(price));
});
