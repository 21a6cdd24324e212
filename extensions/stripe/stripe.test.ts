import assert from "node:assert/strict";
import { after } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { Secret } from "#platform/kit/config.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { paymentProviderContract, type ProviderUnderTest } from "../../services/payment/provider.contract.ts";
import type { Presentation, ProviderState } from "../../services/payment/provider.ts";
import { StripeProvider } from "./provider.ts";
import { challengedCard, giveCard, goodCard, refusedCard } from "./testing/stand-in-buyer.ts";
import { keys, openStandIn } from "./testing/stand-in.ts";

const standIn = await openStandIn();
after(async () => await standIn.close());

const provider = new StripeProvider({
  secretKey: new Secret(keys.secret),
  publishableKey: keys.publishable,
  webhookSecret: new Secret(keys.webhook),
  apiBase: standIn.url,
  clock: systemClock,
  log: silentLog,
});

function intentOf({ key }: ProviderState) {
  const intent = [...standIn.books.intents.values()].find(({ metadata }) => metadata["stoa_payment"] === key);
  assert.ok(intent);
  return intent;
}

const give = async ({ action }: ProviderState, number: string) => {
  assert.ok(action, "There is nothing for the buyer to do.");
  return await giveCard(action, number, standIn);
};

for (const presentation of ["embedded", "redirect"] as const)
  paymentProviderContract(`stripe, ${presentation}`, "session", async () => await open(presentation));

async function open(presentation: Presentation): Promise<ProviderUnderTest> {
  return await Promise.resolve({
    provider,
    presentation,
    buyer: {
      pays: async (state) => void (await give(state, goodCard)),
      isRefused: async (state) => void (await give(state, refusedCard)),
      meetsChallenge: async (state) => {
        const challenge = await give(state, challengedCard);
        assert.ok(challenge);
        return challenge;
      },
      disputes: async (state, amountMinor) =>
        await Promise.resolve(void standIn.books.dispute(intentOf(state), Number(amountMinor))),
    },
    sent: () => standIn.webhooks.sent,
    signedAgo: ({ body }, seconds) => standIn.webhooks.sign(body, seconds),
  });
}
