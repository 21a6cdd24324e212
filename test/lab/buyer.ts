// A buyer who never gives up: repeats with the same key until the answer is final, and remembers what was answered.
import { isKind, toAppError, type AppError } from "#platform/kit/errors.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { systemClock } from "#platform/kit/clock.ts";
import type { Lab } from "./lab.ts";

/** What a buyer knows in the end. Unknown means that the last answer was not one. */
export type Answer =
  | { readonly kind: "acknowledged"; readonly orderId: string; readonly orderNumber: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

export interface Attempt {
  readonly userId: string;
  readonly key: string;
  readonly tries: number;
  readonly answer: Answer;
}

export const cards = {
  good: "4242424242424242",
  declined: "4000000000000002",
  withoutFunds: "4000000000009995",
  providerFails: "4000000000000119",
  answerLost: "4000000000000259",
} as const;

export type CardName = keyof typeof cards;

const patienceMs = 60_000;

/** Answers after which a buyer asks again with the same key. */
export const notFinal = new Set([
  "REQUEST_IN_PROGRESS",
  "CHECKOUT_UNRESOLVED",
  "CHECKOUT_INTERRUPTED",
  "NEIGHBOUR_UNAVAILABLE",
  "DATABASE_UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "CANCELED",
  "INTERNAL",
]);

export function newBuyer(): { userId: string; key: string } {
  return { userId: newRandomId(), key: newId() };
}

/** Asks again until the answer is final; what was killed before may still be starting. */
export async function persist<T>(what: string, work: () => Promise<T>): Promise<T> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isUnknown = isKind(toAppError(error), "unavailable", "deadline_exceeded", "canceled", "internal");
      if (!isUnknown || systemClock.monotonicMs() > untilMs)
        throw new Error(`${what} failed.`, { cause: error });
      await systemClock.sleep(100);
    }
  }
}

/** Makes the cart hold at least this much. */
export async function fillCart(lab: Lab, userId: string, productId: string, quantity: number): Promise<void> {
  await persist("Filling a cart", () => lab.cart.addItem({ userId, productId, quantity }));
}

export interface PurchaseOptions {
  readonly card: CardName;
  /** Empty buys the cart. */
  readonly items?: readonly { readonly productId: string; readonly quantity: number }[];
  /** How long to wait for an answer before asking again. */
  readonly timeoutMs?: number;
}

/** Buys, and does not give up before the answer is final or a minute is over. */
export async function buy(
  lab: Lab,
  buyer: { userId: string; key: string },
  options: PurchaseOptions,
): Promise<Attempt> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  let answer: Answer = { kind: "unknown", reason: "not asked" };
  let tries = 0;
  while (systemClock.monotonicMs() < untilMs) {
    tries += 1;
    answer = await tryOnce(lab, buyer, options);
    if (answer.kind !== "unknown") break;
    await systemClock.sleep(100);
  }
  return { ...buyer, tries, answer };
}

async function tryOnce(
  lab: Lab,
  { userId, key }: { userId: string; key: string },
  { card, items = [], timeoutMs = 10_000 }: PurchaseOptions,
): Promise<Answer> {
  try {
    const { order } = await lab.checkout.placeOrder(
      {
        userId,
        idempotencyKey: key,
        email: "ada@example.com",
        items: items.map((item) => ({ ...item })),
        shippingAddress: {
          fullName: "Ada Lovelace",
          line1: "1 Analytical Way",
          city: "New York",
          region: "NY",
          postalCode: "10001",
          country: "US",
        },
        card: { number: cards[card], expiryMonth: 12, expiryYear: 2035, cvc: "123" },
      },
      { timeoutMs },
    );
    if (!order) throw new Error("An order was acknowledged without being shown.");
    return { kind: "acknowledged", orderId: order.id, orderNumber: order.orderNumber };
  } catch (error) {
    return refusalOf(toAppError(error));
  }
}

function refusalOf({ reason }: AppError): Answer {
  return { kind: notFinal.has(reason) ? "unknown" : "refused", reason };
}
