// A guest who buys over the REST API and asks again with the same key until the answer is final.
import { systemClock } from "#platform/kit/clock.ts";
import { newId } from "#platform/kit/ids.ts";
import { cards, notFinal, type Answer, type Attempt } from "./buyer.ts";

export interface RestAnswer {
  /** 0 when no answer came. */
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const patienceMs = 60_000;

/** Where the shop is; a function where every request may take another way. */
export type Origin = string | (() => string);

export async function callRest(
  origin: Origin,
  method: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<RestAnswer> {
  try {
    const answer = await fetch((typeof origin === "string" ? origin : origin()) + path, {
      method,
      headers: {
        ...(body ? { "content-type": "application/json" } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(15_000),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
  } catch {
    // Reset, refused, timed out or cut off in the middle: no answer.
    return { status: 0, body: {} };
  }
}

/** Repeats what may be repeated until it succeeds. */
async function insist(what: string, ask: () => Promise<RestAnswer>): Promise<RestAnswer["body"]> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  for (;;) {
    const { status, body } = await ask();
    if (status >= 200 && status < 300) return body;
    if ((status !== 0 && status < 500) || systemClock.monotonicMs() > untilMs)
      throw new Error(`${what} ended in ${status} ${JSON.stringify(body)}.`);
    await systemClock.sleep(100);
  }
}

/** A new guest with a token. */
export async function newGuest(origin: Origin): Promise<{ userId: string; token: string }> {
  const { userId, token } = await insist("Becoming a guest", () =>
    callRest(origin, "POST", "/api/users/guest"),
  );
  return { userId: String(userId), token: String(token) };
}

/** Puts one product into a new guest's cart and buys it. */
export async function buyOverRest(origin: Origin, productId: string): Promise<Attempt> {
  const { userId, token } = await newGuest(origin);
  const item = { productId, quantity: 1 };
  await insist("Filling a cart", () => callRest(origin, "POST", "/api/cart/me/items", { token, body: item }));
  const key = newId();
  const untilMs = systemClock.monotonicMs() + patienceMs;
  let answer: Answer = { kind: "unknown", reason: "not asked" };
  let tries = 0;
  while (systemClock.monotonicMs() < untilMs) {
    tries += 1;
    const headers = { "idempotency-key": key };
    answer = answerOf(await callRest(origin, "POST", "/api/orders", { token, body: order, headers }));
    if (answer.kind !== "unknown") break;
    await systemClock.sleep(100);
  }
  return { userId, key, tries, answer };
}

function answerOf({ status, body }: RestAnswer): Answer {
  if (status === 201)
    return { kind: "acknowledged", orderId: String(body["id"]), orderNumber: String(body["orderNumber"]) };
  const { code } = body;
  const reason = typeof code === "string" ? code : "NO_ANSWER";
  return { kind: status === 0 || notFinal.has(reason) ? "unknown" : "refused", reason };
}

export const order = {
  email: "ada@example.com",
  shippingAddress: {
    fullName: "Ada Lovelace",
    line1: "1 Analytical Way",
    city: "New York",
    region: "NY",
    postalCode: "10001",
    country: "US",
  },
  payment: { type: "card", card: { number: cards.good, expiryMonth: 12, expiryYear: 2035, cvc: "123" } },
};
