// The shop while its user service does not answer: nobody who has a token, and nobody new, waits for it.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { TrustService } from "#gen/stoa/platform/v1/trust_pb.js";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import type { SimulatedNetwork } from "#platform/rpc/local.ts";
import { neighbourUnavailable } from "#platform/rpc/status.ts";
import { appError } from "#platform/kit/errors.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openShop } from "./open-shop.ts";
import { checkoutFields, Shopper } from "./shopper.ts";

/** How the calls of these contracts go: as they should, nowhere, or never to an end. */
type State = "well" | "gone" | "hangs";
const ways = new Map<string, State>([[TrustService.typeName, "gone"]]);
const network: SimulatedNetwork = async ({ method }, send) => {
  const state = ways.get(method.parent.typeName) ?? "well";
  if (state === "well") return await send();
  if (state === "gone") throw appError("unavailable", neighbourUnavailable);
  return await new Promise(() => undefined);
};
const user = (state: State) =>
  [TrustService, UserService].forEach(({ typeName }) => ways.set(typeName, state));

const shop = await openShop({}, { network });
afterEach(() => ways.clear());

interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly ms: number;
}

async function ask<T = Record<string, never>>(
  method: string,
  path: string,
  { body, token, key }: { body?: object; token?: string; key?: string } = {},
): Promise<Answer<T>> {
  const startedMs = systemClock.monotonicMs();
  const answer = await fetch(shop.origin + path, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(key !== undefined && { "idempotency-key": key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = (text === "" ? {} : JSON.parse(text)) as T;
  return { status: answer.status, body: json, ms: systemClock.monotonicMs() - startedMs };
}

let accounts = 0;
async function signedIn() {
  const email = `ada-${(accounts += 1)}@example.com`;
  const person = { email, password: "a sentence about amphorae", firstName: "Ada", lastName: "L" };
  const { status, body } = await ask<{ token: string }>("POST", "/api/users/register", { body: person });
  assert.equal(status, 201);
  return { email, token: body.token };
}

const { items: products } = (await ask<{ items: { id: string }[] }>("GET", "/api/products?q=mug")).body;
const line = { productId: products[0]?.id, quantity: 1 };
const order = {
  shippingAddress: { line1: "12 St James's Square", city: "London", postalCode: "SW1Y 4JH", country: "GB" },
  payment: {
    type: "card",
    card: { number: "4242424242424242", expiryMonth: 12, expiryYear: 2040, cvc: "123" },
  },
};

/** Everything on the way to an order, each answer soon. Answers the address of the order. */
async function buys(token: string, guestEmail?: string): Promise<string> {
  const { shippingAddress } = order;
  const added = await ask("POST", "/api/cart/me/items", { token, body: line });
  const cart = await ask("GET", "/api/cart/me", { token });
  const quoted = await ask("POST", "/api/checkout/quote", { token, body: { shippingAddress } });
  const placed = await ask<{ email: string }>("POST", "/api/orders", {
    token,
    body: { ...order, ...(guestEmail && { email: guestEmail }) },
  });
  const answers = [added, cart, quoted, placed];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 200, 200, 201],
    JSON.stringify(answers),
  );
  for (const { ms } of answers) assert.ok(ms < 900, `${ms} ms`);
  return placed.body.email;
}

test("a shop that starts without its issuer serves visitors and guests; accounts get 503, not 401, until it is there", async () => {
  const { token } = await signedIn();
  const cart = await ask<{ code: string }>("GET", "/api/cart/me", { token });
  assert.deepEqual([cart.status, cart.body.code], [503, "TRUST_UNKNOWN"]);
  assert.equal((await ask("GET", "/api/products", { token })).status, 200);
  assert.equal((await ask("GET", "/.well-known/jwks.json")).status, 503);
  const guest = await ask<{ token: string }>("POST", "/api/users/guest");
  assert.equal(await buys(guest.body.token, "guest@example.com"), "guest@example.com");
  ways.clear();
  await eventually(
    "the account is believed",
    async () => (await ask("GET", "/api/cart/me", { token })).status === 200,
  );
  const { keys } = (await ask<{ keys: { kid: string }[] }>("GET", "/.well-known/jwks.json")).body;
  const { kid } = JSON.parse(Buffer.from(guest.body.token.split(".")[0] ?? "", "base64url").toString()) as {
    kid: string;
  };
  assert.ok(
    keys.some((key) => key.kid === kid),
    "the key of guests is published",
  );
});

for (const state of ["hangs", "gone"] as const)
  test(`while the user service ${state === "gone" ? "is gone" : state}, accounts, guests and new visitors buy without waiting`, async () => {
    const account = await signedIn();
    await eventually("it is known", async () => (await ask("GET", "/api/cart/me", account)).status === 200);
    user(state);
    assert.equal(await buys(account.token), account.email);
    const guest = await ask<{ token: string }>("POST", "/api/users/guest");
    assert.deepEqual([guest.status, guest.ms < 300], [201, true]);
    await buys(guest.body.token, "guest@example.com");
    const visitor = new Shopper(shop.origin);
    await visitor.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "1" });
    const placed = await visitor.post("/cart/checkout", checkoutFields);
    assert.equal(placed.status, 200, placed.text);
  });

test("while the table of revoked tokens is locked, accounts, guests and sign-ins go on", async () => {
  const account = await signedIn();
  await eventually("it is known", async () => (await ask("GET", "/api/cart/me", account)).status === 200);
  const db = shop.running.services.find(({ name }) => name === "user")?.db ?? assert.fail();
  const locked = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const holding = db.inTransaction(async (tx) => {
    await tx.run("lock table revoked_tokens in access exclusive mode");
    locked.resolve();
    await free.promise;
  });
  await locked.promise;
  // Longer than every process asks again, several times.
  const untilMs = systemClock.monotonicMs() + 4_000;
  while (systemClock.monotonicMs() < untilMs) {
    assert.equal(await buys(account.token), account.email);
    await signedIn();
  }
  free.resolve();
  await holding;
});

test("a logout is known everywhere within five seconds, and an address that was changed is where the next mail goes", async () => {
  const account = await signedIn();
  const changed = { email: `new-${account.email}`, currentPassword: "a sentence about amphorae" };
  assert.equal((await ask("PUT", "/api/users/profile", { token: account.token, body: changed })).status, 200);
  assert.equal(await buys(account.token), changed.email);
  const startedMs = systemClock.monotonicMs();
  assert.equal((await ask("POST", "/api/users/logout", { token: account.token })).status, 204);
  await eventually("it is refused", async () => (await ask("GET", "/api/cart/me", account)).status === 401);
  assert.ok(systemClock.monotonicMs() - startedMs < 5_000);
});
