import assert from "node:assert/strict";
import { it } from "node:test";
import { ConfigError } from "./config.ts";
import type { AnyService, ServiceEntry } from "./service.ts";
import { defineShop, originOf, readFacts, withFacts } from "./shop-file.ts";

const entry = (name: string, more: Partial<ServiceEntry> = {}): ServiceEntry => ({
  name,
  load: () => Promise.resolve({ name } as AnyService),
  ...more,
});

it("the services of extensions stand behind those of the house and before the edges", () => {
  const { services } = defineShop({
    services: [entry("user"), entry("order"), entry("gateway", { isEdge: true })],
    extensions: [
      { name: "wishes", load: () => Promise.resolve({ name: "wishes" }), services: [entry("wish")] },
    ],
  });
  assert.deepEqual(
    services.map(({ name }) => name),
    ["user", "order", "wish", "gateway"],
  );
});

it("a service that is listed twice is refused by name", () => {
  assert.throws(() => defineShop({ services: [entry("ad"), entry("ad")] }), /lists the service ad twice/);
});

it("the environment beats the shop file, and the shop file beats what stands in the code", () => {
  const file = defineShop({ services: [], name: "Olive & Co", currency: "EUR" });
  const facts = readFacts(file, { SHOP_CURRENCY: "JPY" }, () => "http://localhost:3000");
  assert.equal(facts.name, "Olive & Co");
  assert.equal(facts.currency, "JPY");
  assert.equal(facts.locale, "en-US");
});

it("names of one fact that disagree are refused, with all that was said; names that agree are one fact", () => {
  const file = defineShop({ services: [], aliases: { SHOP_CURRENCY: ["OLD_CURRENCY", "OLDER_CURRENCY"] } });
  const read = (environment: Record<string, string>) => readFacts(file, environment, () => "");
  assert.throws(
    () => read({ OLD_CURRENCY: "EUR", OLDER_CURRENCY: "USD" }),
    (error) => error instanceof ConfigError && error.message.includes("OLD_CURRENCY=EUR, OLDER_CURRENCY=USD"),
  );
  assert.equal(read({ OLD_CURRENCY: "EUR", SHOP_CURRENCY: "EUR" }).currency, "EUR");
});

it("the address of the shop is the one it listens on until it is told another, and never ends in a slash", () => {
  const file = defineShop({ services: [] });
  let port = 0;
  const origin = () => originOf("0.0.0.0", port);
  const program = {
    isEmbedded: true,
    apiUrl: () => "",
    serviceKey: "",
    rateLimits: false,
    health: () => Promise.resolve([]),
  };
  const shop = withFacts(readFacts(file, {}, origin), program);
  port = 4711;
  assert.equal(shop.url, "http://localhost:4711");
  assert.equal(shop.isEmbedded, true);
  assert.equal(readFacts(file, { SHOP_URL: "https://shop.example/" }, origin).url, "https://shop.example");
  assert.equal(originOf("::1", 80), "http://localhost:80");
  assert.equal(originOf("2001:db8::7", 80), "http://[2001:db8::7]:80");
});

it("a base currency is one of ISO 4217: a slip of the pen is refused before any data is made in it", () => {
  const read = (SHOP_CURRENCY: string) =>
    readFacts(defineShop({ services: [] }), { SHOP_CURRENCY }, () => "http://localhost:3000").currency;
  for (const code of ["USD", "EUR", "JPY", "KWD", "CLP"]) assert.equal(read(code), code);
  for (const code of ["EUX", "QQQ", "eur", "EURO", "€"])
    assert.throws(() => read(code), /SHOP_CURRENCY must be an ISO 4217 code/, code);
});

it("the address of the shop is scheme, host and port, in the settings and in the shop file", () => {
  const read = (url: string, said?: string) =>
    readFacts(defineShop({ services: [], url }), { SHOP_URL: said }, () => "http://localhost:3000").url;
  assert.equal(read("https://shop.example:8443/"), "https://shop.example:8443");
  assert.equal(read("https://shop.example", "http://other.example"), "http://other.example");
  for (const url of [
    "shop.example",
    "https://shop.example/eu",
    "https://u:p@shop.example",
    "https://shop.example/?a=1",
  ]) {
    assert.throws(() => read(url), /SHOP_URL must be/, url);
    assert.throws(() => read("https://shop.example", url), /SHOP_URL must be/, url);
  }
});
