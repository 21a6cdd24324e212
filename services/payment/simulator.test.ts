import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { paymentProviderContract } from "./provider.contract.ts";
import type { RawCallback } from "./provider.ts";
import { CallbackSender } from "./simulator-callback-sender.ts";
import { signCallback } from "./simulator-callback.ts";
import { ProviderSimulator } from "./simulator.ts";
import { callbackSecret, openPayments } from "./testing/open-payments.ts";

const { db } = await openPayments();

paymentProviderContract("simulator", "card", async () => {
  const sent: RawCallback[] = [];
  const callbacks = new CallbackSender({
    clock: systemClock,
    log: silentLog,
    secret: callbackSecret,
    delayMs: 0,
    deliver: async (callback) => await Promise.resolve(void sent.push(callback)),
  });
  const provider = new ProviderSimulator({ db, clock: systemClock, delayMs: 0, callbackSecret, callbacks });
  const ago = (seconds: number) => new Date(systemClock.now().getTime() - seconds * 1000);
  return await Promise.resolve({
    provider,
    sent: () => sent,
    signedAgo: ({ body }, seconds) => signCallback(body, callbackSecret, ago(seconds)),
  });
});
