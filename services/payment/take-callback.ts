import { failpoint } from "#platform/kit/failpoint.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import { insertCallback, isCallbackKnown } from "./callback-store.ts";
import type { PaymentContext } from "./context.ts";
import type { ProviderNews, RawCallback } from "./provider.ts";
import { recordState, refOf } from "./record.ts";

const received = counter(
  "stoa_payment_callbacks_total",
  "Callbacks of the payment provider, by what became of them: recorded, repeated, unknown, unrelated or refused.",
  ["outcome"],
);

/** Records what the provider now knows of the payment a callback names; throws when the provider did not send it. */
export async function takeCallback(ctx: PaymentContext, callback: RawCallback): Promise<void> {
  const news = await read(ctx, callback);
  if (!news) return received.inc({ outcome: "unrelated" });
  if (await isCallbackKnown(ctx.db, news.id)) return received.inc({ outcome: "repeated" });
  const ref = await refOf(ctx, news.key);
  const state = await ctx.provider.find({ ...ref, data: ref.data ?? news.data });
  await failpoint("payment.callback.after-provider");
  // Not noted: a provider that does not know its own payment yet may know it when it sends this again.
  if (!state) return received.inc({ outcome: "unknown" });
  await ctx.db.inTransaction(async (tx) => {
    await recordState(ctx, tx, state);
    await insertCallback(tx, news);
  });
  received.inc({ outcome: "recorded" });
  await failpoint("payment.callback.after-record");
}

async function read(ctx: PaymentContext, callback: RawCallback): Promise<ProviderNews | undefined> {
  try {
    return await ctx.provider.readCallback(callback);
  } catch (error) {
    received.inc({ outcome: "refused" });
    throw error;
  }
}
