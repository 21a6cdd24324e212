import type Stripe from "stripe";
import type { ChangedPayments, ChangesPage, ProviderState } from "../../services/payment/provider.ts";
import { newsOf } from "./news.ts";
import { readIntent, readPayment } from "./readings.ts";
import { paymentField, stateOf } from "./state.ts";

/** Of payments that were made before the time that is looked at; the others are in the list of payments. */
const laterChanges = [
  "payment_intent.succeeded",
  "payment_intent.canceled",
  "charge.captured",
  "charge.refunded",
  "refund.failed",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
] as const;

interface Window extends ChangesPage {
  readonly now: Date;
}

/** First the payments made since then, then those that something happened to. A cursor says where in which of the two lists. */
export async function listChangedPayments(stripe: Stripe, page: Window): Promise<ChangedPayments> {
  const [list = "made", after] = page.cursor?.split(" ") ?? [];
  return list === "made" ? await listMade(stripe, page, after) : await listChangedLater(stripe, page, after);
}

async function listMade(stripe: Stripe, page: Window, after: string | undefined): Promise<ChangedPayments> {
  const { data, has_more } = await stripe.paymentIntents.list({
    ...windowOf(page, after),
    expand: ["data.latest_charge"],
  });
  const states: ProviderState[] = [];
  for (const intent of data) {
    const key = intent.metadata[paymentField];
    if (key !== undefined) states.push(stateOf(await readIntent(stripe, key, intent)));
  }
  return { states, nextCursor: has_more ? `made ${data.at(-1)?.id}` : "later" };
}

async function listChangedLater(
  stripe: Stripe,
  page: Window,
  after: string | undefined,
): Promise<ChangedPayments> {
  const { data, has_more } = await stripe.events.list({ ...windowOf(page, after), types: [...laterChanges] });
  const states = new Map<string, ProviderState>();
  for (const event of data) {
    const news = await newsOf(stripe, event);
    if (news?.data && !states.has(news.key))
      states.set(news.key, stateOf(await readPayment(stripe, news.key, news.data)));
  }
  return { states: [...states.values()], nextCursor: has_more ? `later ${data.at(-1)?.id}` : undefined };
}

function windowOf({ since, now, settledSeconds, limit }: Window, after: string | undefined) {
  const created = { gte: seconds(since), lte: seconds(now) - settledSeconds };
  return { created, limit: Math.min(limit, 100), ...(after === undefined ? {} : { starting_after: after }) };
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
