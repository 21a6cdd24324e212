// What people do while processes die. Each story goes on to its end, however often it is cut off.
import { isReason } from "#platform/kit/errors.ts";
import { buy, fillCart, newBuyer, persist, type Attempt, type CardName } from "../lab/buyer.ts";
import type { Lab } from "../lab/lab.ts";

/** A story in two parts: what must be there first, and what happens while something is killed. */
export interface Story {
  readonly name: string;
  prepare(lab: Lab): Promise<Scene>;
}

export interface Scene {
  /** Runs to its end; tells what the buyer was told. */
  play(): Promise<Attempt>;
  /** Faults only this story can see, once the shop is at rest. */
  verify(attempt: Attempt): Promise<string[]>;
}

const product = "OLJCESPC7Z";

function buying(name: string, card: CardName, expected: "acknowledged" | "refused", reason?: string): Story {
  return {
    name,
    prepare: async (lab) => {
      const buyer = newBuyer();
      await fillCart(lab, buyer.userId, product, 2);
      return {
        play: () => buy(lab, buyer, { card }),
        verify: ({ answer }) => {
          const isRight = answer.kind === expected && (answer.kind !== "refused" || answer.reason === reason);
          return Promise.resolve(isRight ? [] : [`${name} ended in ${JSON.stringify(answer)}`]);
        },
      };
    },
  };
}

/** A placed order, then something done to it. */
function afterwards(name: string, act: (lab: Lab, orderId: string) => Promise<void>, check: Check): Story {
  return {
    name,
    prepare: async (lab) => {
      const buyer = newBuyer();
      await fillCart(lab, buyer.userId, product, 2);
      const attempt = await buy(lab, buyer, { card: "good" });
      if (attempt.answer.kind !== "acknowledged") throw new Error(`The order to ${name} was not placed.`);
      const { orderId } = attempt.answer;
      return {
        play: async () => {
          await act(lab, orderId);
          return attempt;
        },
        verify: async () => await check(lab, orderId),
      };
    },
  };
}

type Check = (lab: Lab, orderId: string) => Promise<string[]>;

async function cancel(lab: Lab, orderId: string): Promise<void> {
  await persist("A cancel", async () => {
    try {
      await lab.order.updateStatus({ orderId, status: "cancelled", reason: "changed my mind" });
    } catch (error) {
      // The first try may have done it: then the second meets a cancelled order.
      if (!isReason(error, "STATUS_TRANSITION_INVALID")) throw error;
    }
  });
}

async function checkCancelled(lab: Lab, orderId: string): Promise<string[]> {
  const { order } = await persist("Looking at an order", () => lab.order.getOrder({ id: orderId }));
  return order?.status === "cancelled" ? [] : [`order ${orderId} is ${order?.status}, not cancelled`];
}

async function refundTwice(lab: Lab, orderId: string): Promise<void> {
  for (const refundId of ["first", "second"]) {
    const amount = { currencyCode: "USD", minor: 500n };
    await persist("A refund", () =>
      lab.order.refundOrder({ orderId, refundId, amount, reason: "scratched" }),
    );
  }
}

async function checkRefunded(lab: Lab, orderId: string): Promise<string[]> {
  const { order } = await persist("Looking at an order", () => lab.order.getOrder({ id: orderId }));
  const refunded = order?.payment?.refunded?.minor;
  return refunded === 1000n ? [] : [`order ${orderId} has ${refunded} refunded, not 1000`];
}

export const stories: readonly Story[] = [
  buying("buy", "good", "acknowledged"),
  buying("buy, answer lost", "answerLost", "acknowledged"),
  buying("buy, declined", "declined", "refused", "CARD_DECLINED"),
  buying("buy, provider fails", "providerFails", "refused", "PAYMENT_UNAVAILABLE"),
  afterwards("cancel", cancel, checkCancelled),
  afterwards("refund twice", refundTwice, checkRefunded),
];
