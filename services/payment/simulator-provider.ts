// The built-in provider as an answer to the payment port, with its settings.
import { createHmac } from "node:crypto";
import { ConfigError, defineConfig, Secret, setting } from "#platform/kit/config.ts";
import { defineProvider, type ProviderKit } from "#platform/kit/extension.ts";
import { paymentPort, type PaymentGiven } from "./provider.ts";
import { CallbackSender } from "./simulator-callback-sender.ts";
import { ProviderSimulator } from "./simulator.ts";

const SimulatorConfig = defineConfig({
  PAYMENT_SIMULATOR_DELAY_MS: setting.integer({
    default: 0,
    max: 60_000,
    doc: "How long the built-in payment provider takes to answer, to see the shop with a slow bank.",
  }),
  PAYMENT_SIMULATOR_CALLBACKS: setting.choice(["on", "off"], {
    default: "off",
    doc: "on makes the built-in payment provider also tell of every change by a signed callback, as real ones do.",
  }),
  PAYMENT_SIMULATOR_CALLBACK_DELAY_MS: setting.integer({
    default: 500,
    max: 60_000,
    doc: "How long after a change the built-in payment provider sends its callback; 0 may overtake the answer.",
  }),
  PAYMENT_API_KEY: setting.hiddenText({
    doc: "The key of a payment firm, whichever PAYMENT_PROVIDER names: another name of that one's own setting. The built-in provider has none and ignores it.",
  }),
  PAYMENT_CALLBACK_SECRET: setting.optionalSecret({
    doc: "Key with which the built-in payment provider signs its callbacks, at least 32 characters; without it a service alone refuses all.",
  }),
});

type SimulatorKit = ProviderKit<typeof SimulatorConfig>;

export const simulator = defineProvider(paymentPort, {
  name: "simulator",
  config: SimulatorConfig,
  create: (kit, { deliver }) => {
    const { db, clock, config } = kit;
    const callbackSecret = callbackSecretOf(kit);
    const callbacks = openCallbacks(kit, callbackSecret, deliver);
    const delayMs = config.PAYMENT_SIMULATOR_DELAY_MS;
    return new ProviderSimulator({ db, clock, delayMs, callbackSecret, callbacks });
  },
});

const secretLengthMin = 32;

function callbackSecretOf({ config, shop }: SimulatorKit): Secret | undefined {
  const secret = config.PAYMENT_CALLBACK_SECRET;
  if (secret && secret.reveal().length < secretLengthMin)
    throw new ConfigError([`PAYMENT_CALLBACK_SECRET must have at least ${secretLengthMin} characters.`]);
  if (secret || !shop.isEmbedded) return secret;
  return new Secret(createHmac("sha256", shop.serviceKey).update("payment callbacks").digest("hex"));
}

function openCallbacks(
  { clock, log, config }: SimulatorKit,
  secret: Secret | undefined,
  deliver: PaymentGiven["deliver"],
): CallbackSender | undefined {
  if (config.PAYMENT_SIMULATOR_CALLBACKS === "off") return undefined;
  if (!secret)
    throw new ConfigError([
      "PAYMENT_CALLBACK_SECRET must be set when PAYMENT_SIMULATOR_CALLBACKS is on and payment runs alone.",
    ]);
  const delayMs = config.PAYMENT_SIMULATOR_CALLBACK_DELAY_MS;
  return new CallbackSender({ clock, log, secret, delayMs, deliver });
}
