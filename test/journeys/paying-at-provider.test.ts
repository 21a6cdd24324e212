// Shoppers who pay at the payment provider, through pages and REST, with Stripe's stand-in at the other end of real HTTP.
import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { stripe } from "../../extensions/stripe/extension.ts";
import { challengedCard, giveCard, goodCard } from "../../extensions/stripe/testing/stand-in-buyer.ts";
import { openStandIn } from "../../extensions/stripe/testing/stand-in.ts";
import { openShop } from "./open-shop.ts";
import { checkoutFields, Shopper, unescape, type PageShown } from "./shopper.ts";

const standIn = await openStandIn();
const { origin } = await openShop(
  {},
  {
    environment: standIn.environment,
    extensions: [stripe],
    // The shop still gives back what its last buyers have left.
    close: async () => await standIn.close(),
  },
);
const { webhooks, books } = standIn;
webhooks.deliver = async ({ body, headers }) => {
  const answer = await fetch(`${origin}/api/payments/callbacks`, {
    method: "POST",
    body,
    headers: { ...headers },
  });
  if (answer.status !== 204) throw new Error(`The webhook was answered with ${answer.status}.`);
};
beforeEach(() => (webhooks.travel = "at once"));

const {
  credit_card_number,
  credit_card_expiration_month,
  credit_card_expiration_year,
  credit_card_cvv,
  ...address
} = checkoutFields;
void [credit_card_number, credit_card_expiration_month, credit_card_expiration_year, credit_card_cvv];

/** A shopper on the page where the payment begins. */
async function atPayment(fields: { readonly [name: string]: string } = {}) {
  const shopper = new Shopper(origin);
  await shopper.follow(await shopper.post("/cart", { product_id: "OLJCESPC7Z", quantity: "2" }));
  const cart = await shopper.get("/cart");
  const page = await shopper.follow(await shopper.submit(cart, "/cart/checkout", { ...address, ...fields }));
  assert.equal(page.status, 200, page.text);
  const orderId = page.path.split("/").at(-1) ?? "";
  return { shopper, cart, page, orderId };
}

/** Where the provider leads back to, looked at as often as the page itself says until the payment is confirmed. */
async function comeBack(shopper: Shopper, orderId: string): Promise<PageShown> {
  const look = async () => {
    const page = await shopper.get(`/checkout/return/${orderId}`);
    return page.status === 303 ? await shopper.follow(page) : page;
  };
  let shown = await look();
  await eventually("the page knows how the order ended", async () => {
    if (!shown.text.includes("being confirmed")) return true;
    shown = await look();
    return false;
  });
  return shown;
}

function hostedPageOf(page: PageShown): string {
  const [, url = ""] = /^0; url=(.+)$/.exec(String(page.headers["refresh"])) ?? [];
  assert.ok(unescape(page.text).includes(`href="${url}"`));
  return url;
}

it("the cart asks for no card; without scripts the way leads to the provider's page, and back to a placed order", async () => {
  const { shopper, cart, page, orderId } = await atPayment();
  assert.ok(!cart.text.includes("credit_card_number"));
  assert.match(String(cart.headers["content-security-policy"]), /script-src 'self';/);
  const answer = await fetch(hostedPageOf(page), {
    method: "POST",
    body: new URLSearchParams({ number: goodCard }),
    redirect: "manual",
  });
  const back = new URL(answer.headers.get("location") ?? "");
  assert.equal(back.pathname, `/checkout/return/${orderId}`);
  const thanks = await comeBack(shopper, orderId);
  assert.equal(thanks.status, 200);
  assert.match(thanks.text, /Thank you, your order is placed/);
  assert.equal(thanks.path, `/orders/${orderId}`);
  assert.equal((await shopper.get(back.pathname)).headers["location"], `/orders/${orderId}`);
  assert.match((await shopper.get("/cart")).text, /Your cart is empty/);
});

it("who opens an account while paying has the order in the account, paid, and nothing left in its cart", async () => {
  const { shopper, page, orderId } = await atPayment();
  const registered = await shopper.post("/account/register", {
    email: "opened-while-paying@example.com",
    password: "a long walk by the sea",
    firstName: "Ada",
    lastName: "Lovelace",
  });
  assert.equal(registered.status, 302, registered.text);
  await giveCard({ redirectUrl: hostedPageOf(page) }, goodCard, standIn);
  // That guest and account are one buyer reaches the other services as an event.
  await eventually("the order is the account's, and paid", async () => {
    return /Thank you/.test((await comeBack(shopper, orderId)).text);
  });
  assert.ok((await shopper.get("/account/orders")).text.includes(`/orders/${orderId}`));
  await eventually("what was bought has left the account's cart", async () => {
    return /Your cart is empty/.test((await shopper.get("/cart")).text);
  });
});

it("a challenge on the provider's page is passed on the way back", async () => {
  const { shopper, page, orderId } = await atPayment();
  const challenge = await giveCard({ redirectUrl: hostedPageOf(page) }, challengedCard, standIn);
  const waiting = await shopper.get(`/checkout/return/${orderId}`);
  assert.match(waiting.text, /not paid yet/);
  assert.match(String(waiting.headers["refresh"]), /^4; url=\/checkout\/return\//);
  await challenge?.passes();
  assert.match((await comeBack(shopper, orderId)).text, /Thank you/);
});

it("where scripts run, the page opens the provider's element, and only this page may reach the provider", async () => {
  const { shopper, cart, page, orderId } = await atPayment({ payment_presentation: "embedded" });
  assert.match(cart.text, /data-when-scripts="embedded"/);
  const policy = String(page.headers["content-security-policy"]);
  assert.match(policy, /script-src 'self' https:\/\/js\.stripe\.com https:\/\/\*\.js\.stripe\.com;/);
  assert.match(policy, /connect-src 'self' https:\/\/api\.stripe\.com;/);
  assert.match(page.text, /<script src="https:\/\/js\.stripe\.com\/v3\/" defer><\/script>/);
  const [, own = ""] = /<script src="(\/static\/pay-stripe\.js[^"]*)" defer>/.exec(page.text) ?? [];
  assert.equal((await shopper.get(own)).status, 200);
  const [, secret = ""] = /data-secret="([^"]+)"/.exec(page.text) ?? [];
  assert.match(page.text, new RegExp(`data-return="[^"]*/checkout/return/${orderId}"`));
  await giveCard({ clientSecret: secret }, goodCard, standIn);
  assert.match((await comeBack(shopper, orderId)).text, /Thank you/);
});

it("who gives the payment up is back at the cart with everything in it, and nothing can be paid any more", async () => {
  const { shopper, page, orderId } = await atPayment();
  const url = hostedPageOf(page);
  const waiting = await shopper.get(`/checkout/return/${orderId}`);
  const cart = await shopper.follow(await shopper.submit(waiting, `/checkout/return/${orderId}/cancel`));
  assert.ok(!cart.text.includes("Your cart is empty"));
  assert.equal((await fetch(url)).status, 410);
  const after = await comeBack(shopper, orderId);
  assert.equal(after.status, 402);
  assert.match(after.text, /nothing was charged/);
  const again = await shopper.follow(await shopper.submit(cart, "/cart/checkout", address));
  assert.notEqual(again.path, page.path);
});

it("who never comes back has an order by the webhook; a stranger sees neither payment nor order", async () => {
  const { shopper, page, orderId } = await atPayment();
  const stranger = new Shopper(origin);
  await stranger.get("/cart");
  for (const path of [`/checkout/pay/${orderId}`, `/checkout/return/${orderId}`])
    assert.equal((await stranger.get(path)).status, 404);
  await giveCard({ redirectUrl: hostedPageOf(page) }, goodCard, standIn);
  await eventually("the order is placed", async () =>
    (await shopper.get(`/orders/${orderId}`)).text.includes("Being packed"),
  );
  const intents = [...books.intents.values()].filter(({ metadata }) => metadata["stoa_order"] === orderId);
  assert.deepEqual(
    intents.map(({ status }) => status),
    ["succeeded"],
  );
});

it("over REST: how to pay, a pending order with what to do, and the order once it is paid", async () => {
  const method = (await (await fetch(`${origin}/api/payments/method`)).json()) as { [name: string]: unknown };
  assert.deepEqual(method, {
    provider: "stripe",
    takes: "session",
    presentations: ["embedded", "redirect"],
    publishableKey: standIn.environment["STRIPE_PUBLISHABLE_KEY"],
  });
  const { token } = (await (await fetch(`${origin}/api/users/guest`, { method: "POST" })).json()) as {
    token: string;
  };
  const send = async (path: string, body: object | undefined, key = "") => {
    const answer = await fetch(origin + path, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { "content-type": "application/json" } : {}),
        ...(key ? { "idempotency-key": key } : {}),
      },
      body: body ? JSON.stringify(body) : null,
    });
    return { status: answer.status, json: (await answer.json()) as RestOrder };
  };
  const wish = (payment: object) => ({
    email: "ada@example.com",
    items: [{ productId: "OLJCESPC7Z", quantity: 1 }],
    shippingAddress: { line1: "1 St", city: "New York", region: "NY", postalCode: "10001", country: "US" },
    payment,
  });
  const card = { number: goodCard, expiryMonth: 12, expiryYear: 2040, cvc: "123" };
  for (const [payment, status, code] of [
    [{ type: "card", card }, 422, "PAYMENT_METHOD_UNSUPPORTED"],
    [{ type: "card" }, 400, "VALIDATION_FAILED"],
    [{ type: "session" }, 400, "VALIDATION_FAILED"],
    [{ type: "session", presentation: "embedded", card }, 400, "VALIDATION_FAILED"],
  ] as const) {
    const refused = await send("/api/orders", wish(payment));
    assert.deepEqual([refused.status, refused.json.code], [status, code]);
  }
  const session = wish({ type: "session", presentation: "embedded" });
  const begun = await send("/api/orders", session, "one");
  assert.deepEqual(
    [begun.status, begun.json.status, begun.json.payment?.status],
    [201, "pending", "requires_action"],
  );
  const action = begun.json.payment?.action;
  assert.ok(action?.clientSecret && action.redirectUrl === null && action.expiresAt);
  assert.deepEqual((await send("/api/orders", session, "one")).json, begun.json);
  await giveCard({ clientSecret: action.clientSecret }, goodCard, standIn);
  const resumed = await send(`/api/orders/${begun.json.id}/resume`, undefined);
  assert.deepEqual(
    [resumed.status, resumed.json.status, resumed.json.payment?.status],
    [200, "processing", "captured"],
  );
  assert.equal(resumed.json.payment?.action, undefined);
  assert.deepEqual((await send("/api/orders", session, "one")).json, resumed.json);
});

interface RestOrder {
  readonly id: string;
  readonly status: string;
  readonly code?: string;
  readonly payment?: {
    readonly status: string;
    readonly action?: { clientSecret: string | null; redirectUrl: string | null; expiresAt: string };
  };
}
