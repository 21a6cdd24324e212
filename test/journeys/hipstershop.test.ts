// The public wire contract, asked by a second gRPC implementation (connect) over the shop's real gRPC port.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { openGrpcServer } from "#platform/rpc/grpc-server.ts";
import { journeyShop } from "./open-shop.ts";
import { Shopper } from "./shopper.ts";

const shop = await journeyShop();
const { prices } = shop;
const grpc = await openGrpcServer({
  host: "127.0.0.1",
  port: 0,
  serviceKey: "a-key-that-only-tests-know-0123456789",
  services: shop.running.services.flatMap(({ parts, peers }) => {
    const internal = new Set(parts.internalRpc ?? []);
    return peers.filter(({ bound }) => !internal.has(bound));
  }),
  clock: systemClock,
});
after(async () => await grpc.close(100));
const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${grpc.port}` });
const cart = createClient(hipstershop.CartService, transport);
const catalog = createClient(hipstershop.ProductCatalogService, transport);
const checkout = createClient(hipstershop.CheckoutService, transport);

const contractPrices = {
  OLJCESPC7Z: ["Sunglasses", "19.99"],
  "66VCHSJNUP": ["Tank Top", "18.99"],
  "1YMWWN1N4O": ["Watch", "109.99"],
  L9ECAV7KIM: ["Loafers", "89.99"],
  "2ZYFJ3GM2N": ["Hairdryer", "24.99"],
  "0PUK6V6EV0": ["Candle Holder", "18.99"],
  LS4PSXUNUM: ["Salt & Pepper Shakers", "18.49"],
  "9SIQT8TOJO": ["Bamboo Glass Jar", "5.49"],
  "6E92ZMYYFZ": ["Mug", "8.99"],
} as const;

const address = {
  streetAddress: "1600 Amphitheatre Parkway",
  city: "Mountain View",
  state: "CA",
  country: "United States",
  zipCode: 94043,
};
const creditCard = {
  creditCardNumber: "4432-8015-6152-0454",
  creditCardCvv: 672,
  creditCardExpirationYear: 2039,
  creditCardExpirationMonth: 1,
};

async function codeOf(call: Promise<unknown>): Promise<Code | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  }
}

test("the nine products have the contract's codes, words and prices", async () => {
  for (const [id, [word, usd]] of Object.entries(contractPrices)) {
    const product = await catalog.getProduct({ id });
    assert.equal(product.id, id);
    assert.ok(product.name.toLowerCase().includes(word.toLowerCase()), product.name);
    assert.deepEqual(
      { ...product.priceUsd },
      { $typeName: "hipstershop.Money", currencyCode: prices.currency, ...prices.units(usd) },
    );
    assert.match(product.picture, /^\/static\/img\/products\//);
  }
});

test("all products are listed; search is a substring of name or description; an unknown id is NOT_FOUND", async () => {
  const { products } = await catalog.listProducts({});
  assert.ok(products.length >= 48);
  const { results } = await catalog.searchProducts({ query: "bAmBoO gLaSs" });
  assert.ok(results.some(({ id }) => id === "9SIQT8TOJO"));
  assert.equal((await catalog.searchProducts({ query: "" })).results.length, products.length);
  assert.equal(await codeOf(catalog.getProduct({ id: "NOSUCHCODE" })), Code.NotFound);
});

test("an unknown user's cart is an empty message; adding the same product adds up; emptying empties", async () => {
  const userId = "any text will do, up to 128 bytes";
  assert.deepEqual(
    { ...(await cart.getCart({ userId })) },
    { $typeName: "hipstershop.Cart", userId: "", items: [] },
  );
  await cart.addItem({ userId, item: { productId: "OLJCESPC7Z", quantity: 1 } });
  await cart.addItem({ userId, item: { productId: "OLJCESPC7Z", quantity: 2 } });
  const { items } = await cart.getCart({ userId });
  assert.deepEqual(
    items.map(({ productId, quantity }) => ({ productId, quantity })),
    [{ productId: "OLJCESPC7Z", quantity: 3 }],
  );
  await cart.emptyCart({ userId });
  assert.deepEqual((await cart.getCart({ userId })).items, []);
  assert.equal(
    await codeOf(cart.addItem({ userId: "x".repeat(129), item: { productId: "OLJCESPC7Z", quantity: 1 } })),
    Code.InvalidArgument,
  );
});

test("a quote costs the same for anything and nothing for nothing; a parcel has a tracking id", async () => {
  const shipping = createClient(hipstershop.ShippingService, transport);
  const { costUsd } = await shipping.getQuote({ address, items: [{ productId: "OLJCESPC7Z", quantity: 2 }] });
  const { units, nanos } = prices.units("8.99");
  assert.deepEqual([costUsd?.currencyCode, costUsd?.units, costUsd?.nanos], [prices.currency, units, nanos]);
  const free = await shipping.getQuote({ items: [] });
  assert.deepEqual([free.costUsd?.units, free.costUsd?.nanos], [0n, 0]);
  const { trackingId } = await shipping.shipOrder({
    address,
    items: [{ productId: "OLJCESPC7Z", quantity: 2 }],
  });
  assert.match(trackingId, /^[A-Z]{2}-\d+-\d+$/);
});

test("33 currencies; conversion is exact, with one sign, and refuses what it does not know", async () => {
  const currency = createClient(hipstershop.CurrencyService, transport);
  assert.equal((await currency.getSupportedCurrencies({})).currencyCodes.length, 33);
  const same = await currency.convert({
    from: { currencyCode: "USD", units: 19n, nanos: 990_000_000 },
    toCode: "USD",
  });
  assert.deepEqual([same.units, same.nanos], [19n, 990_000_000]);
  const negative = await currency.convert({
    from: { currencyCode: "EUR", units: -1n, nanos: -750_000_000 },
    toCode: "USD",
  });
  assert.deepEqual([negative.units, negative.nanos], [-1n, -978_375_000]);
  assert.equal(
    await codeOf(currency.convert({ from: { currencyCode: "USD", units: 1n }, toCode: "XXX" })),
    Code.InvalidArgument,
  );
});

test("a charge wants a valid Visa or Mastercard", async () => {
  const payment = createClient(hipstershop.PaymentService, transport);
  const amount = { currencyCode: "USD", units: 48n, nanos: 970_000_000 };
  const { transactionId } = await payment.charge({ amount, creditCard });
  assert.match(transactionId, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  const bad = { ...creditCard, creditCardNumber: "4432-8015-6152-0455" };
  assert.equal(await codeOf(payment.charge({ amount, creditCard: bad })), Code.InvalidArgument);
  const expired = { ...creditCard, creditCardExpirationYear: 2020 };
  assert.notEqual(await codeOf(payment.charge({ amount, creditCard: expired })), undefined);
});

test("suggestions leave out what was asked about, and there is always an ad", async () => {
  const recommendation = createClient(hipstershop.RecommendationService, transport);
  const { productIds } = await recommendation.listRecommendations({
    userId: "u",
    productIds: ["OLJCESPC7Z"],
  });
  assert.ok(productIds.length > 0 && productIds.length <= 5 && !productIds.includes("OLJCESPC7Z"));
  const ad = createClient(hipstershop.AdService, transport);
  for (const contextKeys of [["hair"], ["nothing like it"], []]) {
    const { ads } = await ad.getAds({ contextKeys });
    assert.ok(
      ads.length > 0 && ads.every(({ text, redirectUrl }) => text !== "" && redirectUrl.startsWith("/")),
    );
  }
});

test("a confirmation can be sent", async () => {
  const email = createClient(hipstershop.EmailService, transport);
  await email.sendOrderConfirmation({
    email: "ada@example.com",
    order: { orderId: "o-1", shippingTrackingId: "AB-1-2", items: [] },
  });
  assert.equal(await codeOf(email.sendOrderConfirmation({ email: "no address" })), Code.InvalidArgument);
});

test("an order: the cart becomes codes, prices and a tracking id; the cart is empty and cannot be bought again", async () => {
  const userId = "hipster-1";
  await cart.addItem({ userId, item: { productId: "OLJCESPC7Z", quantity: 2 } });
  await cart.addItem({ userId, item: { productId: "6E92ZMYYFZ", quantity: 1 } });
  const userCurrency = prices.others[0] ?? prices.currency;
  const request = { userId, userCurrency, address, email: "someone@example.com", creditCard };
  const { order } = await checkout.placeOrder(request);
  assert.match(order?.orderId ?? "", /^[0-9a-f-]{36}$/);
  assert.match(order?.shippingTrackingId ?? "", /^[A-Z]{2}-\d+-\d+$/);
  assert.equal(order?.shippingCost?.currencyCode, userCurrency);
  assert.equal(order?.shippingAddress?.zipCode, 94043);
  assert.deepEqual(
    order?.items
      .map(({ item, cost }) => `${item?.quantity} ${item?.productId} in ${cost?.currencyCode}`)
      .toSorted((a, b) => a.localeCompare(b)),
    [`1 6E92ZMYYFZ in ${userCurrency}`, `2 OLJCESPC7Z in ${userCurrency}`],
  );
  assert.deepEqual((await cart.getCart({ userId })).items, []);
  assert.equal(await codeOf(checkout.placeOrder(request)), Code.FailedPrecondition);

  // Whoever takes the name there for a session cookie is somebody else.
  const stranger = new Shopper(shop.origin);
  stranger.cookies.set("shop_session-id", userId);
  assert.doesNotMatch((await stranger.get("/account/orders")).text, new RegExp(order?.orderId ?? "none"));
  assert.equal((await stranger.get(`/orders/${order?.orderId}`)).status, 404);
  assert.equal((await stranger.post(`/orders/${order?.orderId}/cancel`)).status, 404);
});

test("nobody is charged for an empty cart, and a refused card leaves the cart as it was", async () => {
  const userId = "hipster-2";
  const request = {
    userId,
    userCurrency: prices.currency,
    address,
    email: "someone@example.com",
    creditCard,
  };
  assert.equal(await codeOf(checkout.placeOrder(request)), Code.FailedPrecondition);
  await cart.addItem({ userId, item: { productId: "6E92ZMYYFZ", quantity: 1 } });
  const declined = { ...request, creditCard: { ...creditCard, creditCardNumber: "4000000000000002" } };
  assert.equal(await codeOf(checkout.placeOrder(declined)), Code.FailedPrecondition);
  assert.equal((await cart.getCart({ userId })).items.length, 1);
});

test("our own contracts refuse callers that are nobody, and never fall over", async () => {
  const { PaymentService } = await import("#gen/stoa/payment/v1/payment_pb.js");
  const { CatalogService } = await import("#gen/stoa/catalog/v1/catalog_pb.js");
  const payment = createClient(PaymentService, transport);
  assert.equal(
    await codeOf(payment.capture({ paymentId: "00000000-0000-4000-8000-000000000000" })),
    Code.PermissionDenied,
  );
  const own = createClient(CatalogService, transport);
  assert.equal(await codeOf(own.reserveStock({ reservationId: "x" })), Code.PermissionDenied);
  assert.ok((await own.listProducts({ limit: 3 })).products.length === 3);
});
