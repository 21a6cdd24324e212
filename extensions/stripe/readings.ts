import type Stripe from "stripe";
import type { ProviderData } from "../../services/payment/provider.ts";
import type { Reading } from "./state.ts";

const expandIntent = ["latest_charge"];
const expandPage = ["payment_intent", "payment_intent.latest_charge"];

/** All that Stripe says of a payment; refunds and disputes are asked for only where there are any. */
export async function readPayment(stripe: Stripe, key: string, data: ProviderData): Promise<Reading> {
  if (data["page"] !== undefined) {
    const page = await stripe.checkout.sessions.retrieve(data["page"], { expand: expandPage });
    const intent = typeof page.payment_intent === "object" ? page.payment_intent : undefined;
    return { key, data, page, intent: intent ?? undefined, ...(await rest(stripe, intent ?? undefined)) };
  }
  const intent = await stripe.paymentIntents.retrieve(data["intent"] ?? "", { expand: expandIntent });
  return { key, data, intent, page: undefined, ...(await rest(stripe, intent)) };
}

/** The same for an intent that came with its charge. */
export async function readIntent(
  stripe: Stripe,
  key: string,
  intent: Stripe.PaymentIntent,
): Promise<Reading> {
  return { key, data: { intent: intent.id }, intent, page: undefined, ...(await rest(stripe, intent)) };
}

async function rest(
  stripe: Stripe,
  intent: Stripe.PaymentIntent | undefined,
): Promise<Pick<Reading, "refunds" | "disputes">> {
  const charge = typeof intent?.latest_charge === "object" ? intent.latest_charge : undefined;
  if (!intent || !charge) return { refunds: [], disputes: [] };
  const list = { payment_intent: intent.id, limit: 100 };
  const [refunds, disputes] = await Promise.all([
    charge.amount_refunded > 0 ? stripe.refunds.list(list) : undefined,
    charge.disputed ? stripe.disputes.list(list) : undefined,
  ]);
  return { refunds: refunds?.data ?? [], disputes: disputes?.data ?? [] };
}
