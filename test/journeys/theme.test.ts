// A German shop of another name with a theme: pages, mails and admin speak and look as it says, and nothing of the house is left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { admin, openShop } from "./open-shop.ts";
import { checkoutFields, Shopper, unescape, type PageShown } from "./shopper.ts";

const theme = new URL("./market-theme/", import.meta.url);
const shop = await openShop({
  name: "Wochenmarkt",
  locale: "de-DE",
  theme,
  supportEmail: "hilfe@markt.example",
});

/** English words of the house that would stand out on a German page. */
const english = /\b(Cart|Search|Sign in|Order|Orders|Shipping|Subtotal|Account|Price|Quantity|Stoa)\b/;

function mustBeGerman(name: string, { text, status }: PageShown, expected: RegExp): void {
  assert.equal(status, 200, name);
  assert.match(text, /<html lang="de-DE">/);
  const seen = unescape(text.replace(/<[^>]*>/g, " "));
  assert.match(seen, expected, name);
  assert.doesNotMatch(seen, english, name);
}

test("every page of a purchase is German, with amounts as Germans write them", async () => {
  const shopper = new Shopper(shop.origin);
  mustBeGerman("home", await shopper.get("/"), /Frisch vom Markt/);
  mustBeGerman("listing", await shopper.get("/category/kitchen"), /Filtern und sortieren/);
  const product = await shopper.get("/product/6E92ZMYYFZ");
  mustBeGerman("product", product, /8,99\s\$/);
  const cart = await shopper.follow(await shopper.submit(product, "/cart"));
  mustBeGerman("cart", cart, /Kostenpflichtig bestellen/);
  assert.match(cart.text, /<option value="DE"[^>]*>Deutschland</);
  const order = await shopper.order(cart, checkoutFields);
  mustBeGerman("order", order, /Vielen Dank, Ihre Bestellung ist aufgegeben/);
  const id = /\/orders\/([\w-]+)/.exec(order.text)?.[1] ?? "";
  mustBeGerman("order later", await shopper.get(`/orders/${id}`), /Wird gepackt bestellt am \d+\.\d+\.\d{4}/);
  mustBeGerman("login", await shopper.get("/account/login"), /Legen Sie ein Konto an/);
});

test("what the API refuses in English is said in German", async () => {
  const shopper = new Shopper(shop.origin);
  const login = await shopper.post("/account/login", { email: "no@example.com", password: "not this one" });
  assert.equal(login.status, 401);
  assert.match(login.text, /Die E-Mail-Adresse oder das Passwort ist falsch\./);
  const short = { email: "kurz@example.com", firstName: "A", lastName: "B", password: "kurz" };
  const register = await shopper.post("/account/register", short);
  assert.equal(register.status, 422);
  assert.match(register.text, /Bitte sehen Sie sich dieses Feld noch einmal an\./);
  await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
  const abroad = { ...checkoutFields, country: "NL", state: "", zip_code: "1012" };
  const refused = await shopper.post("/cart/checkout", abroad);
  assert.equal(refused.status, 422);
  assert.match(refused.text, /Das ist keine Postleitzahl dieses Landes\. Eine sieht so aus: 1012 AB\./);
  const missing = await shopper.get("/product/no-such-thing");
  assert.equal(missing.status, 404);
  assert.match(missing.text, /Das finden wir nicht/);
});

test("the theme brings its colours, its logo, its words and its card; brand and help come from the shop file", async () => {
  const { text } = await new Shopper(shop.origin).get("/");
  assert.match(text, /<title>[^<]+ · Wochenmarkt<\/title>/);
  assert.match(text, /<meta name="theme-color" content="#f7fbfa"/);
  assert.match(text, /alt="Wochenmarkt"/);
  assert.match(text, /href="mailto:hilfe@markt\.example"/);
  const ribbons = text.match(/<li class="ribbon">[\d,]+\s\$<\/li>\s*<li class="card">/g)?.length ?? 0;
  assert.ok(ribbons >= 48, `${ribbons} cards with a ribbon`);
  const shopper = new Shopper(shop.origin);
  const [logo = "", sheet = ""] = [/\/static\/img\/logo\.svg[^"]*/, /\/static\/shop\.css[^"]*/].map(
    (address) => address.exec(text)?.[0],
  );
  assert.match((await shopper.get(logo)).text, /fill="#1d5c63"/);
  const css = (await shopper.get(sheet)).text;
  assert.ok(css.lastIndexOf("--brand: #1d5c63") > css.indexOf("@layer theme {"));
});

test("admin and mails are German too, with the theme's words", async () => {
  const manager = new Shopper(shop.origin);
  await manager.post("/admin/login", admin);
  // A busy shop leaves the picture out rather than keep the list waiting.
  let page = await manager.get("/admin");
  await eventually("the picture of the orders is there", async () => {
    page = await manager.get("/admin");
    return page.text.includes("orders-by-status");
  });
  mustBeGerman("admin", page, /Bestellungen nach Status/);
  let path = "";
  await eventually("the mail is kept", async () => {
    const list = await manager.get("/admin/mail");
    mustBeGerman("mails", list, /Was der Shop verschickt hat/);
    path = /\/admin\/mail\/[\w-]+/.exec(list.text)?.[0] ?? "";
    return path !== "";
  });
  const mail = await manager.get(`${path}/html`);
  assert.match(mail.text, /Danke für Ihren Einkauf auf dem Markt/);
  assert.match(mail.text, /Zwischensumme/);
});
