import { failpoint } from "#platform/kit/failpoint.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import { insertCallback, isCallbackKnown } from "./callback-store.ts";
import type { PaymentContext } from "./context.ts";
import type { ProviderCallback } from "./provider.ts";
import { recordProviderState } from "./store.ts";

const received = counter(
  "stoa_payment_callbacks_total",
  "Callbacks of the payment provider, by what became of them: recorded, repeated, unknown or refused.",
  ["outcome"],
);

/** Records what the provider now knows of the payment a callback names; throws when the provider did not send it. */
export async function takeCallback(ctx: PaymentContext, body: Uint8Array, signature: string): Promise<void> {
  const callback = parse(ctx, body, signature);
  if (await isCallbackKnown(ctx.db, callback.id)) return received.inc({ outcome: "repeated" });
  await failpoint("payment.callback.before-provider");
  const state = await ctx.provider.find(callback.key);
  await failpoint("payment.callback.after-provider");
  // Not noted: a provider that does not know its own payment yet may know it when it sends this again.
  if (!state) return received.inc({ outcome: "unknown" });
  await ctx.db.inTransaction(async (tx) => {
    await recordProviderState(tx, state);
    await insertCallback(tx, callback);
  });
  received.inc({ outcome: "recorded" });
  await failpoint("payment.callback.after-record");
}

function parse(ctx: PaymentContext, body: Uint8Array, signature: string): ProviderCallback {
  try {
    return ctx.provider.parseCallback(body, signature);
  } catch (error) {
    received.inc({ outcome: "refused" });
    throw error;
  }
}
