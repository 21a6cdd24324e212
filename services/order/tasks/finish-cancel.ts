import type { Tx } from "#platform/database/db.ts";
import { defineTask, type Cause, type TaskDefinition } from "#platform/database/tasks.ts";
import { isReason } from "#platform/kit/errors.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import {
  closeCancel,
  findOpenCancel,
  insertCancel,
  type CancelledPayment,
  type OpenCancel,
} from "../cancel-store.ts";
import type { OrderContext } from "../context.ts";

export const finishCancelName = "finish-cancel";
/** Until then the request that cancels is given time to finish it. */
const headStartSeconds = 2;

/** Gives back what a cancelled order still holds after a crash, or while a neighbour was away. The key is the order's id. */
export function finishCancelTask(ctx: OrderContext): TaskDefinition {
  return defineTask({
    name: finishCancelName,
    // Money is owed for as long as it is not given back.
    policy: { attemptsMax: "never" },
    run: async ({ key: orderId, call }) => {
      const cancel = await findOpenCancel(ctx.db, orderId);
      if (cancel) await finishCancel(ctx, cancel, call);
    },
  });
}

/** Writes down, with the cancel, that everything is to be given back. */
export async function promiseCancel(
  ctx: OrderContext,
  tx: Tx,
  cause: Cause,
  { orderId, reason }: { orderId: string; reason: string },
): Promise<void> {
  await insertCancel(tx, orderId, reason);
  await ctx.tasks.add(tx, cause, { name: finishCancelName, key: orderId, delaySeconds: headStartSeconds });
}

/** Gives back what a cancelled order still holds. Every part is idempotent, so it may be repeated and run in parallel. */
export async function finishCancel(
  ctx: OrderContext,
  task: OpenCancel,
  options?: CallOptions,
): Promise<void> {
  // Money need not wait for stock, nor stock for the carrier: each is tried, and the first failure is told afterwards.
  const [stock, payment, parcel] = await Promise.allSettled([
    releaseStock(ctx, task, options),
    returnMoney(ctx, task, options),
    stopParcel(ctx, task.orderId, options),
  ]);
  if (stock.status === "rejected") throw stock.reason;
  if (payment.status === "rejected") throw payment.reason;
  if (parcel.status === "rejected") throw parcel.reason;
  const { value: cancelled } = payment;
  await ctx.db.inTransaction(async (tx) => {
    await closeCancel(tx, task.orderId, cancelled);
    await ctx.tasks.complete(tx, finishCancelName, task.orderId);
  });
}

async function releaseStock(ctx: OrderContext, task: OpenCancel, options?: CallOptions): Promise<void> {
  const { orderId: reservationId, reason } = task;
  await ctx.clients.catalog.releaseReservation({ reservationId, reason }, options);
}

async function returnMoney(
  ctx: OrderContext,
  { paymentId, reason }: OpenCancel,
  options?: CallOptions,
): Promise<CancelledPayment | undefined> {
  if (paymentId === null) return undefined;
  const { payment } = await ctx.clients.payment.cancelPayment({ paymentId, reason }, options);
  return { status: payment?.status ?? "none", refundedMinor: payment?.refunded?.minor ?? 0n };
}

async function stopParcel(ctx: OrderContext, orderId: string, options?: CallOptions): Promise<void> {
  try {
    await ctx.clients.shipping.cancelShipment({ orderId }, options);
  } catch (error) {
    if (!isReason(error, "SHIPMENT_HANDED_OVER")) throw error;
    ctx.log.error(
      { orderId },
      "An order was cancelled and refunded, but its parcel is with the carrier. Call it back.",
    );
  }
}
