import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { PaymentRefundedSchema, PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { openPaymentContext, type PaymentContext } from "./context.ts";
import { hipsterPayment } from "./hipstershop.ts";
import { forgetCallbacksJob } from "./jobs/forget-callbacks.ts";
import { collectOwedJob } from "./jobs/collect-owed.ts";
import { reconcileJob } from "./jobs/reconcile.ts";
import { authorize } from "./rpc/authorize.ts";
import { cancelPayment } from "./rpc/cancel-payment.ts";
import { capture } from "./rpc/capture.ts";
import { checkCard } from "./rpc/check-card.ts";
import { describeMethod } from "./rpc/describe-method.ts";
import { getPayment } from "./rpc/get-payment.ts";
import { listPayments } from "./rpc/list-payments.ts";
import { receiveCallback } from "./rpc/receive-callback.ts";
import { refund } from "./rpc/refund.ts";
import { resolvePayment } from "./rpc/resolve-payment.ts";
import { paymentPort } from "./provider.ts";
import { takeCallback } from "./take-callback.ts";
import { finishCancelTask } from "./tasks/finish-cancel.ts";
import { finishRefundTask } from "./tasks/finish-refund.ts";

export const payment = defineService({
  name: "payment",
  config: {},
  database: "payments_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 50052,
  contracts: [PaymentService, hipstershop.PaymentService],
  needs: {},
  emits: [PaymentRefundedSchema],
  ports: [
    {
      port: paymentPort,
      setting: "PAYMENT_PROVIDER",
      doc: "The firm that moves the money; simulator is the built-in one, which moves none and takes the usual test cards.",
      default: "simulator",
      isNamedOutsideEmbedded: true,
      own: { simulator: async () => (await import("./simulator-provider.ts")).simulator },
    },
  ],
  create: async (kit) => {
    const ctx: PaymentContext = await openPaymentContext(kit, {
      deliver: async (callback) => await takeCallback(ctx, callback),
    });
    return {
      rpc: [
        bindRpcs(PaymentService, ctx, {
          describeMethod,
          checkCard,
          authorize,
          resolvePayment,
          capture,
          cancelPayment,
          refund,
          getPayment,
          listPayments,
          receiveCallback,
        }),
        hipsterPayment(ctx),
      ],
      jobs: [collectOwedJob(ctx), reconcileJob(ctx), forgetCallbacksJob(ctx)],
      tasks: [finishCancelTask(ctx), finishRefundTask(ctx)],
      close: async () => await ctx.provider.close?.(),
    };
  },
});
