import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { PaymentConfig } from "./config.ts";
import { openPaymentContext } from "./context.ts";
import { hipsterPayment } from "./hipstershop.ts";
import { forgetCallbacksJob } from "./jobs/forget-callbacks.ts";
import { finishStuckJob } from "./jobs/finish-stuck.ts";
import { reconcileJob } from "./jobs/reconcile.ts";
import { authorize } from "./rpc/authorize.ts";
import { cancelPayment } from "./rpc/cancel-payment.ts";
import { capture } from "./rpc/capture.ts";
import { checkCard } from "./rpc/check-card.ts";
import { getPayment } from "./rpc/get-payment.ts";
import { receiveCallback } from "./rpc/receive-callback.ts";
import { refund } from "./rpc/refund.ts";
import { resolvePayment } from "./rpc/resolve-payment.ts";

export const payment = defineService({
  name: "payment",
  config: PaymentConfig,
  database: "payments_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 50052,
  contracts: [PaymentService, hipstershop.PaymentService],
  needs: {},
  create: (kit) => {
    const ctx = openPaymentContext(kit);
    return {
      rpc: [
        bindRpcs(PaymentService, ctx, {
          checkCard,
          authorize,
          resolvePayment,
          capture,
          cancelPayment,
          refund,
          getPayment,
          receiveCallback,
        }),
        hipsterPayment(ctx),
      ],
      jobs: [finishStuckJob(ctx), reconcileJob(ctx), forgetCallbacksJob(ctx)],
      close: ctx.close,
    };
  },
});
