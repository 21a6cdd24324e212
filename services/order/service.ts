import {
  OrderCancelledSchema,
  OrderDeliveredSchema,
  OrderLookedUpSchema,
  OrderPlacedSchema,
  OrderRefundedSchema,
  OrderService,
  OrderShippedSchema,
} from "#gen/stoa/order/v1/order_pb.js";
import { forgetKeptAnswersJob } from "#platform/database/kept-answers.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { OrderConfig } from "./config.ts";
import { openOrderContext, orderNeeds } from "./context.ts";
import { orderInbox } from "./inbox.ts";
import { collectOwedJob } from "./jobs/collect-owed.ts";
import { abandonOrder } from "./rpc/abandon-order.ts";
import { claimOrders } from "./rpc/claim-orders.ts";
import { confirmOrder } from "./rpc/confirm-order.ts";
import { createOrder } from "./rpc/create-order.ts";
import { getFigures } from "./rpc/get-figures.ts";
import { getOrder } from "./rpc/get-order.ts";
import { listOrders } from "./rpc/list-orders.ts";
import { listRefunds } from "./rpc/list-refunds.ts";
import { lookUpOrder } from "./rpc/look-up-order.ts";
import { markPaid } from "./rpc/mark-paid.ts";
import { refundOrder } from "./rpc/refund-order.ts";
import { updateStatus } from "./rpc/update-status.ts";
import { finishCancelTask } from "./tasks/finish-cancel.ts";
import { finishRefundTask } from "./tasks/finish-refund.ts";
import { tellLookedUpTask } from "./tasks/tell-looked-up.ts";

export const order = defineService({
  name: "order",
  config: OrderConfig,
  database: "orders_db",
  migrations: new URL("./migrations/", import.meta.url),
  readsReplica: true,
  grpcPort: 3003,
  contracts: [OrderService],
  needs: orderNeeds,
  machines: { orders: ["GetOrder", "ListOrders", "UpdateStatus", "RefundOrder", "ListRefunds"] },
  // Payment waits for a provider outside.
  patience: { payment: 8_000 },
  emits: [
    OrderPlacedSchema,
    OrderShippedSchema,
    OrderDeliveredSchema,
    OrderCancelledSchema,
    OrderRefundedSchema,
    OrderLookedUpSchema,
  ],
  create: (kit) => {
    const ctx = openOrderContext(kit);
    return {
      rpc: [
        bindRpcs(OrderService, ctx, {
          createOrder,
          markPaid,
          confirmOrder,
          abandonOrder,
          getOrder,
          listOrders,
          updateStatus,
          refundOrder,
          listRefunds,
          lookUpOrder,
          claimOrders,
          getFigures,
        }),
      ],
      inbox: orderInbox(ctx),
      jobs: [collectOwedJob(ctx), forgetKeptAnswersJob(ctx.db)],
      tasks: [finishCancelTask(ctx), finishRefundTask(ctx), tellLookedUpTask(ctx)],
    };
  },
});
