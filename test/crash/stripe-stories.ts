// What people do who pay at Stripe, while processes die. Stripe's stand-in lives on, as Stripe would, and keeps books of its own.
import { toAppError } from "#platform/kit/errors.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { challengedCard, giveCard, goodCard } from "../../extensions/stripe/testing/stand-in-buyer.ts";
import type { StandIn } from "../../extensions/stripe/testing/stand-in.ts";
import { fillCart, newBuyer, notFinal, persist, type Answer } from "../lab/buyer.ts";
import type { Lab } from "../lab/lab.ts";
import { orderRequest } from "../lab/whole-shop.ts";
import type { Story } from "./stories.ts";

const product = "OLJCESPC7Z";
const patienceMs = 60_000;

type Placed = Awaited<ReturnType<Lab["checkout"]["placeOrder"]>>;
interface Buyer {
  readonly userId: string;
  readonly key: string;
}

/** Asks with the same key until the answer is one: pending, placed, or refused for good. */
async function ask(lab: Lab, { userId, key }: Buyer, presentation: string): Promise<Placed | Answer> {
  const { card: _card, ...request } = orderRequest({ userId, idempotencyKey: key });
  const untilMs = systemClock.monotonicMs() + patienceMs;
  let reason = "not asked";
  while (systemClock.monotonicMs() < untilMs) {
    try {
      return await lab.checkout.placeOrder({ ...request, presentation }, { timeoutMs: 10_000 });
    } catch (error) {
      ({ reason } = toAppError(error));
      if (!notFinal.has(reason)) return { kind: "refused", reason };
    }
    await systemClock.sleep(100);
  }
  return { kind: "unknown", reason };
}

/** Asks on until the order is not pending any more. */
async function askToTheEnd(lab: Lab, buyer: Buyer, presentation: string): Promise<Answer> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  for (;;) {
    const placed = await ask(lab, buyer, presentation);
    if ("kind" in placed) return placed;
    const { order, pendingPayment } = placed;
    if (order && !pendingPayment)
      return { kind: "acknowledged", orderId: order.id, orderNumber: order.orderNumber };
    if (systemClock.monotonicMs() > untilMs) return { kind: "unknown", reason: "still pending" };
    await systemClock.sleep(100);
  }
}

/** What becomes of an order that nobody asks about. */
async function untilSettled(lab: Lab, orderId: string): Promise<Answer> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  const text = "select status from checkouts where id = $1";
  for (;;) {
    const row = await persist("Looking at a checkout", async () =>
      lab.databases.get("checkout")?.row<{ status: string }>(text, [orderId]),
    );
    if (row?.status === "completed") break;
    if (systemClock.monotonicMs() > untilMs) return { kind: "unknown", reason: `${row?.status}` };
    await systemClock.sleep(100);
  }
  const { order } = await persist("Looking at an order", () => lab.order.getOrder({ id: orderId }));
  return { kind: "acknowledged", orderId, orderNumber: order?.orderNumber ?? "" };
}

type Act = (lab: Lab, standIn: StandIn, buyer: Buyer) => Promise<Answer>;

/** One line for each thing in Stripe's own books that is not as the answer says. */
function contradictionsAtStripe({ books }: StandIn, orders: readonly string[], isPaid: boolean): string[] {
  const intents = [...books.intents.values()].filter(({ metadata }) =>
    orders.includes(metadata["stoa_order"] ?? ""),
  );
  const paid = intents.filter(({ status }) => status === "succeeded");
  const refunded = (id: string) =>
    [...books.refunds.values()].reduce(
      (sum, refund) => sum + (refund.payment_intent === id ? refund.amount : 0),
      0,
    );
  const kept = paid.filter(({ id, amount_received: received }) => received > refunded(id));
  const held = intents.filter(({ status }) => status === "requires_capture");
  const faults = held.map(({ id }) => `${id} is still held at Stripe`);
  if (kept.length !== (isPaid ? 1 : 0)) faults.push(`Stripe keeps the money of ${kept.length} payments`);
  return faults;
}

type StandInOf = (lab: Lab) => StandIn | undefined;

function payingAtStripe(name: string, standInOf: StandInOf, expected: Answer["kind"], act: Act): Story {
  return {
    name,
    prepare: async (lab) => {
      const standIn = standInOf(lab);
      if (!standIn) throw new Error("This lab has no stand-in for Stripe.");
      standIn.webhooks.deliver = async ({ body, headers }) =>
        void (await lab.payment.receiveCallback({ body, headers: { ...headers } }, { timeoutMs: 5_000 }));
      const buyer = newBuyer();
      await fillCart(lab, buyer.userId, product, 2);
      return {
        play: async () => ({ ...buyer, tries: 1, answer: await act(lab, standIn, buyer) }),
        verify: async ({ answer }) => {
          await standIn.webhooks.settled();
          const rows = await lab.databases
            .get("checkout")
            ?.rows<{ id: string }>("select id from checkouts where user_id = $1", [buyer.userId]);
          const orders = (rows ?? []).map(({ id }) => id);
          const faults = contradictionsAtStripe(standIn, orders, answer.kind === "acknowledged");
          return answer.kind === expected
            ? faults
            : [...faults, `${name} ended in ${JSON.stringify(answer)}`];
        },
      };
    },
  };
}

export function stripeStories(standInOf: StandInOf): readonly Story[] {
  return [
    payingAtStripe("element, with 3-D Secure", standInOf, "acknowledged", async (lab, standIn, buyer) => {
      const placed = await ask(lab, buyer, "embedded");
      if ("kind" in placed) return placed;
      const challenge = await giveCard(placed.pendingPayment?.action ?? {}, challengedCard, standIn);
      await challenge?.passes();
      return await askToTheEnd(lab, buyer, "embedded");
    }),
    payingAtStripe(
      "hosted page, nobody comes back",
      standInOf,
      "acknowledged",
      async (lab, standIn, buyer) => {
        const placed = await ask(lab, buyer, "redirect");
        if ("kind" in placed) return placed;
        await giveCard(placed.pendingPayment?.action ?? {}, goodCard, standIn);
        return await untilSettled(lab, placed.order?.id ?? "");
      },
    ),
    payingAtStripe("given up", standInOf, "refused", async (lab, _standIn, buyer) => {
      const placed = await ask(lab, buyer, "redirect");
      if ("kind" in placed) return placed;
      const db = lab.databases.get("checkout");
      await persist("The end of the buyer's time", async () => {
        await db?.run("update checkouts set wait_until = now(), look_at = now() where user_id = $1", [
          buyer.userId,
        ]);
      });
      return await askToTheEnd(lab, buyer, "redirect");
    }),
  ];
}
