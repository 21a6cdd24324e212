import { createHmac } from "node:crypto";
import type { Clock } from "#platform/kit/clock.ts";
import { ConfigError, Secret } from "#platform/kit/config.ts";
import type { Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Kit } from "#platform/kit/service.ts";
import { takeCallback } from "./callbacks.ts";
import type { PaymentConfig } from "./config.ts";
import type { PaymentProvider } from "./provider.ts";
import { CallbackSender } from "./simulator-callbacks.ts";
import { ProviderSimulator } from "./simulator.ts";

export interface PaymentContext {
  readonly db: Database;
  readonly provider: PaymentProvider;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the provider's part that runs by itself. */
  readonly close: () => Promise<void>;
}

type PaymentKit = Kit<typeof PaymentConfig, {}>;

const secretLengthMin = 32;

export function openPaymentContext(kit: PaymentKit): PaymentContext {
  const { db, clock, log, config } = kit;
  const callbackSecret = callbackSecretOf(kit);
  const callbacks = openCallbacks(kit, callbackSecret, async (body, signature) => {
    await takeCallback(ctx, body, signature);
  });
  const delayMs = config.PAYMENT_SIMULATOR_DELAY_MS;
  const provider = new ProviderSimulator({ db, clock, delayMs, callbackSecret, callbacks });
  const ctx = { db, provider, clock, log, close: async () => await callbacks?.close() };
  return ctx;
}

function callbackSecretOf({ config, shop }: PaymentKit): Secret | undefined {
  const secret = config.PAYMENT_CALLBACK_SECRET;
  if (secret && secret.reveal().length < secretLengthMin)
    throw new ConfigError([`PAYMENT_CALLBACK_SECRET must have at least ${secretLengthMin} characters.`]);
  if (secret || !shop.isEmbedded) return secret;
  return new Secret(createHmac("sha256", shop.serviceKey).update("payment callbacks").digest("hex"));
}

function openCallbacks(
  { clock, log, config }: PaymentKit,
  secret: Secret | undefined,
  deliver: (body: Uint8Array, signature: string) => Promise<void>,
): CallbackSender | undefined {
  if (config.PAYMENT_SIMULATOR_CALLBACKS === "off") return undefined;
  if (!secret)
    throw new ConfigError([
      "PAYMENT_CALLBACK_SECRET must be set when PAYMENT_SIMULATOR_CALLBACKS is on and payment runs alone.",
    ]);
  const delayMs = config.PAYMENT_SIMULATOR_CALLBACK_DELAY_MS;
  return new CallbackSender({ clock, log, secret, delayMs, deliver });
}
