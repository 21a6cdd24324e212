// One seed: a handful of buyers with scarce goods, bad cards, impatience and second thoughts.
import { isKind, toAppError } from "#platform/kit/errors.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { cards, persist, type Attempt, type CardName } from "../lab/buyer.ts";
import { seededRandom } from "../lab/seeded-random.ts";
import { setStock } from "../lab/stock.ts";
import { orderRequest, type BackEnd } from "../lab/whole-shop.ts";

const cardNames = Object.keys(cards) as CardName[];
const scarce = ["1YMWWN1N4O", "L9ECAV7KIM", "2ZYFJ3GM2N"];
const buyersMax = 6;

/** Plays the seed and tells what every click of every buyer was told. */
export async function playSeed(shop: BackEnd, seed: number, clock: Clock): Promise<Attempt[]> {
  const random = seededRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  for (const code of scarce) await setStock(shop.database("catalog"), code, 1 + Math.floor(random() * 4));
  const buyers = Array.from({ length: 2 + Math.floor(random() * (buyersMax - 1)) }, (_, index) => ({
    userId: newRandomId(),
    key: `seed-${seed}-buyer-${index}`,
    card: random() < 0.6 ? ("good" as const) : pick(cardNames),
    productId: pick(scarce),
    quantity: 1 + Math.floor(random() * 2),
    clicks: random() < 0.3 ? 3 : 1,
    afterwards: random(),
  }));
  const played = await Promise.all(
    buyers.map(async (buyer) => {
      const { userId, productId, quantity } = buyer;
      await persist("Filling a cart", () => shop.cart.addItem({ userId, productId, quantity }));
      const attempts = await Promise.all(
        Array.from({ length: buyer.clicks }, (_, click) => buyUntilFinal(shop, buyer, click, clock)),
      );
      const order = attempts.map(({ answer }) => answer).find(({ kind }) => kind === "acknowledged");
      if (order?.kind === "acknowledged") await haveSecondThoughts(shop, order.orderId, buyer, clock);
      return attempts;
    }),
  );
  return played.flat();
}

interface Buyer {
  readonly userId: string;
  readonly key: string;
  readonly card: CardName;
  readonly afterwards: number;
}

const triesMax = 200;

async function buyUntilFinal(shop: BackEnd, buyer: Buyer, click: number, clock: Clock): Promise<Attempt> {
  const { userId, key, card } = buyer;
  const request = orderRequest({
    userId,
    idempotencyKey: key,
    card: { number: cards[card], expiryMonth: 12, expiryYear: 2035, cvc: "123" },
  });
  for (let tries = 1; ; tries += 1) {
    const requestId = `${key}-${click}-${tries}`;
    try {
      const { order } = await shop.checkout.placeOrder(request, { requestId });
      const answer = {
        kind: "acknowledged",
        orderId: order?.id ?? "",
        orderNumber: order?.orderNumber ?? "",
      } as const;
      return { userId, key, tries, answer };
    } catch (error) {
      const { reason } = toAppError(error);
      const isFinal = !unfinished.has(reason) && !isKind(error, "deadline_exceeded", "canceled");
      if (isFinal) return { userId, key, tries, answer: { kind: "refused", reason } };
      if (tries >= triesMax) return { userId, key, tries, answer: { kind: "unknown", reason } };
      await clock.sleep(300);
    }
  }
}

const unfinished = new Set([
  "REQUEST_IN_PROGRESS",
  "CHECKOUT_UNRESOLVED",
  "CHECKOUT_INTERRUPTED",
  "NEIGHBOUR_UNAVAILABLE",
  "DATABASE_UNAVAILABLE",
]);

/** Some cancel, some want a part of their money back; they ask until they are told. */
async function haveSecondThoughts(
  shop: BackEnd,
  orderId: string,
  { key, afterwards }: Buyer,
  clock: Clock,
): Promise<void> {
  const ask = async (name: string, work: (requestId: string) => Promise<unknown>) => {
    for (let tries = 1; tries <= triesMax; tries += 1) {
      try {
        return await work(`${key}-${name}-${tries}`);
      } catch (error) {
        if (!isKind(error, "unavailable", "deadline_exceeded", "canceled")) return undefined;
        await clock.sleep(300);
      }
    }
    return undefined;
  };
  const amount = { currencyCode: "USD", minor: 300n };
  if (afterwards < 0.5) {
    await ask("refund", (requestId) =>
      shop.order.refundOrder({ orderId, refundId: "part", amount, reason: "late" }, { requestId }),
    );
  }
  if (afterwards < 0.25) {
    await ask("cancel", (requestId) =>
      shop.order.updateStatus({ orderId, status: "cancelled" }, { requestId }),
    );
  }
}
