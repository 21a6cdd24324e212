import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { CheckoutService } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { CheckoutConfig } from "./config.ts";
import { checkoutNeeds, openCheckoutContext } from "./context.ts";
import { hipsterCheckout } from "./hipstershop.ts";
import { checkoutInbox } from "./inbox.ts";
import { collectAbandonedJob } from "./jobs/collect-abandoned.ts";
import { forgetOldJob } from "./jobs/forget-old.ts";
import { lookAtWaitingJob } from "./jobs/look-at-waiting.ts";
import { renewLeasesJob } from "./jobs/renew-leases.ts";
import { showCheckoutsJob } from "./jobs/show-checkouts.ts";
import { taxPort } from "./provider.ts";
import { createQuote } from "./rpc/create-quote.ts";
import { placeOrder } from "./rpc/place-order.ts";
import { resumeOrder } from "./rpc/resume-order.ts";
import { checkoutsUnderWay } from "./under-way-store.ts";
import { emptyCartTask } from "./tasks/empty-cart.ts";
import { resumeCheckoutTask } from "./tasks/resume-checkout.ts";

export const checkout = defineService({
  name: "checkout",
  config: CheckoutConfig,
  database: "checkout_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 5050,
  contracts: [CheckoutService, hipstershop.CheckoutService],
  needs: checkoutNeeds,
  // Payment waits for a provider outside.
  patience: { payment: 8_000 },
  ports: [
    {
      port: taxPort,
      setting: "TAX_PROVIDER",
      default: "none",
      doc: "Who reckons the taxes that come on top of an order: none, rates (see TAX_RATES), or an extension.",
      own: {
        none: async () => (await import("./tax-rates.ts")).noTax,
        rates: async () => (await import("./tax-rates.ts")).ratesByCountry,
      },
    },
  ],
  create: async (kit) => {
    const ctx = await openCheckoutContext(kit);
    return {
      rpc: [bindRpcs(CheckoutService, ctx, { createQuote, placeOrder, resumeOrder }), hipsterCheckout(ctx)],
      inbox: checkoutInbox(),
      underWay: checkoutsUnderWay(ctx.db),
      tasks: [resumeCheckoutTask(ctx), emptyCartTask(ctx)],
      jobs: [
        collectAbandonedJob(ctx),
        lookAtWaitingJob(ctx),
        renewLeasesJob(ctx),
        forgetOldJob(ctx),
        showCheckoutsJob(ctx),
      ],
    };
  },
});
