import type { Tx } from "#platform/database/db.ts";
import { defineTask, type Cause, type TaskDefinition } from "#platform/database/tasks.ts";
import type { ShippingContext } from "../context.ts";
import { carrierNotInUse } from "../errors.ts";
import { cancelShipment, findShipment } from "../store.ts";

export const cancelLabelName = "cancel-label";
/** A label that was asked for may come for as long; after that nobody waits for it any more. */
const onItsWaySeconds = 120;

/** Tells the carrier of a cancelled parcel, until it knows. */
export function cancelLabelTask(ctx: ShippingContext): TaskDefinition {
  return defineTask<{ orderId: string }>({
    name: cancelLabelName,
    // A parcel that nobody wants is paid for as long as it is not stopped.
    policy: { firstDelaySeconds: 30, delayMaxSeconds: 6 * 3_600, attemptsMax: "never", timeoutSeconds: 20 },
    run: async ({ payload: { orderId }, call }) => {
      const { carrier } = ctx.provider;
      const asked = (await findShipment(ctx.db, orderId))?.carrier;
      if (!asked) return;
      if (carrier?.name !== asked) throw carrierNotInUse(orderId, asked);
      if ((await carrier.cancelLabel(orderId, call)) === "handed_over")
        ctx.log.error(
          { orderId },
          "The parcel of a cancelled order is on its way; ask the carrier for it back.",
        );
    },
  });
}

/**
 * Cancels the parcel, or leaves a mark that bars one from being made later; true if either was still possible. The carrier that was
 * asked is told afterwards: at once, or where its label is still on its way, when nobody can be waiting for that any more.
 */
export async function stopParcel(
  { tasks }: Pick<ShippingContext, "tasks">,
  tx: Tx,
  cause: Cause,
  orderId: string,
): Promise<boolean> {
  const stopped = await cancelShipment(tx, orderId);
  if (!stopped) return false;
  const delaySeconds = stopped.isUnanswered ? onItsWaySeconds : 0;
  if (stopped.carrier !== null)
    await tasks.add(tx, cause, { name: cancelLabelName, key: orderId, payload: { orderId }, delaySeconds });
  return true;
}

/** A label came for a parcel that is cancelled: the carrier is to be told now, whatever it was told before. */
export async function stopLateLabel(ctx: ShippingContext, cause: Cause, orderId: string): Promise<void> {
  await ctx.db.inTransaction(async (tx) => {
    await ctx.tasks.add(tx, cause, { name: cancelLabelName, key: `${orderId}:late`, payload: { orderId } });
  });
}
