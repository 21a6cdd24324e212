import type Stripe from "stripe";
import { isUuid } from "#platform/kit/ids.ts";
import type { ProviderNews } from "../../services/payment/provider.ts";
import { paymentField } from "./state.ts";

/** What an event is about: the payment's id, and where to look. Undefined when it is about no payment of a shop. */
export async function newsOf(stripe: Stripe, event: Stripe.Event): Promise<ProviderNews | undefined> {
  const { object } = event.data as { object: EventObject };
  const isPage = object.object === "checkout.session";
  const intent = object.object === "payment_intent" ? object.id : idOf(object.payment_intent);
  const key =
    object.metadata?.[paymentField] ?? (intent && !isPage ? await keyOf(stripe, intent) : undefined);
  if (key === undefined || !isUuid(key)) return undefined;
  const data = isPage ? { page: object.id ?? "" } : { intent: intent ?? "" };
  return { id: event.id, key, type: event.type, data };
}

/** The fields that tell which payment an object of an event belongs to. */
interface EventObject {
  readonly object?: string;
  readonly id?: string;
  readonly metadata?: Stripe.Metadata | null;
  readonly payment_intent?: string | { readonly id: string } | null;
}

function idOf(reference: EventObject["payment_intent"]): string | undefined {
  return typeof reference === "string" ? reference : reference?.id;
}

/** Disputes and refunds made by hand carry no metadata of ours. */
async function keyOf(stripe: Stripe, intent: string): Promise<string | undefined> {
  return (await stripe.paymentIntents.retrieve(intent)).metadata[paymentField];
}
