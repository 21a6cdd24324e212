// The place-order saga: forward to an order, or back to nothing. docs/requests/place-order.md explains every step.
import type { Order } from "#gen/stoa/order/v1/order_pb.js";
import type { Payment } from "#gen/stoa/payment/v1/payment_pb.js";
import { isKind, toAppError, type AppError } from "#platform/kit/errors.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { wasNotSent } from "#platform/rpc/status.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "./context.ts";
import { refusal } from "./errors.ts";
import { orderOutcome, refusalOutcome, type Outcome } from "./outcome.ts";
import { noteRefused } from "./log-lines.ts";
import { consumptionOf, parcelItems, stockLines } from "./purchase.ts";
import { namingShortLines } from "./shortage.ts";
import { emptyCartName, resumeCheckoutName } from "./task-names.ts";
import { beginWaiting } from "./waiting-store.ts";
import { insist, isFinal, stepOptions, type Journey } from "./steps.ts";
import { isPending, PaymentPending, waitingAnswer, type Waiting } from "./waiting.ts";
import { beginUndo, findCheckout, finish, finishInterrupted, releaseLease, type Checkout } from "./store.ts";

/**
 * Works on a checkout until it has an outcome or waits for its buyer, or throws CHECKOUT_UNRESOLVED and leaves it to the next
 * worker.
 */
export async function runSaga(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
): Promise<Outcome | Waiting> {
  ctx.atWork.add(checkout.id);
  try {
    if (checkout.status === "undoing") return await undo(ctx, checkout, journey, checkout.outcome);
    return await forward(ctx, checkout, journey);
  } catch (error) {
    return await leaveOpen(ctx, checkout, journey, toAppError(error));
  } finally {
    ctx.atWork.delete(checkout.id);
  }
}

/** How far this worker has come. */
interface Progress {
  /** The stock may be held. */
  isPastIntent: boolean;
  /** More may have been asked than to hold the stock. */
  isPastReserve: boolean;
  mayBeConfirmed: boolean;
  orderNumber?: string | undefined;
}

async function forward(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
): Promise<Outcome | Waiting> {
  // Whoever resumes has no card, and does not know how far others came.
  const progress: Progress = {
    isPastIntent: false,
    isPastReserve: false,
    mayBeConfirmed: journey.card === undefined,
  };
  try {
    if (journey.refusal) throw journey.refusal;
    const order = await placeSteps(ctx, checkout, journey, progress);
    return await complete(ctx, checkout, journey, order);
  } catch (thrown) {
    const error = untouched(thrown, progress) ?? namingShortLines(thrown, checkout.purchase);
    if (error instanceof PaymentPending) return await park(ctx, checkout, journey, error.payment);
    if (!isFinal(error)) throw error;
    const standing = progress.mayBeConfirmed && (await findConfirmed(ctx, checkout, journey));
    if (standing) return await complete(ctx, checkout, journey, standing);
    const outcome = refusalOutcome(error, journey.call.requestId);
    const begun = await beginUndo(ctx.db, checkout.id, outcome);
    if (!begun) return await settled(ctx, checkout);
    await failpoint("checkout.after-begin-undo");
    const known = { ...journey, orderNumber: progress.orderNumber };
    if (begun.isOurAlone && !progress.isPastIntent) return await endRefused(ctx, checkout, known, outcome);
    if (begun.isOurAlone && !progress.isPastReserve) return await undoReserve(ctx, checkout, known, outcome);
    return await undo(ctx, checkout, known, outcome);
  }
}

/**
 * Whom the next step needs is not there, and nothing of it was sent: nobody waits for them while the stock is held. The buyer may order
 * again at once, with the same key.
 */
function untouched(error: unknown, { isPastReserve, mayBeConfirmed }: Progress): AppError | undefined {
  if (isPastReserve || mayBeConfirmed || !wasNotSent(error)) return undefined;
  return refusal("CHECKOUT_INTERRUPTED", { retryAfterSeconds: 2, cause: error });
}

/** Stock and order stay as they are, and nobody holds the checkout until the buyer, or the provider, has done their part. */
async function park(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
  payment: Payment,
): Promise<Outcome | Waiting> {
  if (!(await beginWaiting(ctx.db, checkout.id, ctx.owner))) return await settled(ctx, checkout);
  await failpoint("checkout.after-waiting");
  return await waitingAnswer(ctx, checkout, payment, stepOptions(ctx, journey));
}

/**
 * The steps in their order, up to the confirmation. Each is idempotent under the checkout's id, so a worker that resumes walks them
 * all again. The stock is held before the order waits for its turn: who comes too late learns it at once.
 */
async function placeSteps(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
  progress: Progress,
): Promise<Order> {
  const { id, purchase } = checkout;
  const lines = stockLines(purchase.lines);
  const request = { reservationId: id, lines, ttlSeconds: holdSeconds(ctx, checkout) };
  await insist(
    ctx,
    journey,
    (options) => ctx.clients.catalog.reserveStock(request, options),
    () => (progress.isPastIntent = true),
  );
  return await ctx.queue.run(() => stepsAfterReserve(ctx, checkout, journey, progress));
}

async function stepsAfterReserve(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
  progress: Progress,
): Promise<Order> {
  const { id } = checkout;
  const { catalog, order, payment, shipping } = ctx.clients;
  const step = <T>(work: (options: CallOptions) => Promise<T>) => insist(ctx, journey, work);

  const { order: made } = await insist(
    ctx,
    journey,
    (options) => order.createOrder({ order: pendingOrder(checkout) }, options),
    () => (progress.isPastReserve = true),
  );
  progress.orderNumber = made?.orderNumber;
  const paid = await authorize(ctx, checkout, journey);
  await step((options) => catalog.commitReservation({ reservationId: id }, options));
  const taken = await step((options) => payment.capture({ paymentId: checkout.paymentId }, options));
  if (taken.payment && isPending(taken.payment)) throw new PaymentPending(taken.payment);
  await step((options) => order.markPaid({ orderId: id, payment: orderPayment(paid) }, options));
  const { trackingNumber } = await step((options) => shipping.createShipment(shipmentOf(checkout), options));
  progress.mayBeConfirmed = true;
  const confirmed = await step((options) => order.confirmOrder({ orderId: id, trackingNumber }, options));
  if (!confirmed.order) throw new Error("The order service confirmed an order without showing it.");
  return confirmed.order;
}

/** The order if the world was told of it: from then on nothing leads back, whatever a step says that is walked again. */
async function findConfirmed(
  ctx: CheckoutContext,
  { id }: Checkout,
  journey: Journey,
): Promise<Order | undefined> {
  try {
    const { order } = await insist(ctx, journey, (options) => ctx.clients.order.getOrder({ id }, options));
    // Only the confirmation writes a tracking number.
    return order && order.trackingNumber !== "" ? { ...order, history: [] } : undefined;
  } catch (error) {
    if (isKind(error, "not_found")) return undefined;
    throw error;
  }
}

/** The last step, and the only one the order does not need: a cart that cannot do it now does it later. True when it is done. */
async function isCartEmptied(ctx: CheckoutContext, checkout: Checkout, journey: Journey): Promise<boolean> {
  const { id, purchase } = checkout;
  if (purchase.cartVersion === undefined) return true;
  try {
    const request = consumptionOf(id, purchase);
    await insist(ctx, journey, (options) => ctx.clients.cart.consumeCart(request, options));
    return true;
  } catch (error) {
    ctx.log.warn(
      { err: error, checkoutId: id },
      "An order is placed, but what was bought is still in the cart; it is taken out later.",
    );
    return false;
  }
}

/** The order is placed. What is left of it becomes waiting work in the same transaction. */
async function complete(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
  order: Order,
): Promise<Outcome> {
  const outcome = orderOutcome(order);
  const { id } = checkout;
  if (await isCartEmptied(ctx, checkout, journey)) {
    const isOurs = await finish(ctx.db, id, "completed", outcome);
    return isOurs ? outcome : await settled(ctx, checkout);
  }
  const isOurs = await ctx.db.inTransaction(async (tx) => {
    if (!(await finish(tx, id, "completed", outcome))) return false;
    await ctx.tasks.add(tx, journey.call, { name: emptyCartName, key: id });
    return true;
  });
  return isOurs ? outcome : await settled(ctx, checkout);
}

/**
 * Asks for the money. A lost answer is never taken for a no: the provider is asked what became of it. Without a card (a
 * worker that resumes has none) that question is all there is. What is unknown then is barred at once: the worker that has the card
 * may only have been slow, and would take money for an order that is being undone.
 */
async function authorize(ctx: CheckoutContext, checkout: Checkout, journey: Journey): Promise<Payment> {
  const { payment } = ctx.clients;
  const { id, paymentId, purchase } = checkout;
  if (checkout.presentation !== undefined) return await authorizeInSession(ctx, checkout, journey);
  if (journey.card) {
    try {
      const request = { paymentId, orderId: id, amount: purchase.total, card: journey.card };
      const answer = await payment.authorize(request, stepOptions(ctx, journey));
      if (answer.payment) return answer.payment;
    } catch (error) {
      if (isFinal(error)) throw error;
      ctx.log.warn(
        { err: error, checkoutId: id },
        "The answer to an authorisation was lost; the provider is asked.",
      );
    }
  }
  const { payment: known } = await insist(ctx, journey, (options) =>
    payment.resolvePayment({ paymentId, barUnknown: true }, options),
  );
  if (known && heldStatuses.has(known.status)) return known;
  throw refusal("CHECKOUT_INTERRUPTED", { retryAfterSeconds: 1 });
}

/** Begins the session, or finds what became of it: any worker may, because no card is needed. */
async function authorizeInSession(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
): Promise<Payment> {
  const { id, paymentId, purchase, presentation = "" } = checkout;
  const session = { presentation, returnUrl: ctx.returnUrl(id), email: purchase.email };
  const { payment } = await insist(ctx, journey, (options) =>
    ctx.clients.payment.authorize({ paymentId, orderId: id, amount: purchase.total, session }, options),
  );
  if (!payment) throw new Error("The payment service answered without a payment.");
  if (heldStatuses.has(payment.status)) return payment;
  throw new PaymentPending(payment);
}

/** As long as the buyer may take, and a while for what comes then; 0 is what the catalogue thinks fit. */
function holdSeconds(ctx: CheckoutContext, { presentation }: Checkout): number {
  return presentation === undefined ? 0 : ctx.config.CHECKOUT_PAYMENT_SECONDS + 600;
}

const heldStatuses = new Set(["authorized", "captured", "partially_refunded", "refunded"]);

/** Everything back, in the reverse order, each until it is done. Whoever undoes bars the way forward first. */
async function undo(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
  outcome: Outcome | undefined,
): Promise<Outcome> {
  const { id, paymentId } = checkout;
  const { catalog, order, payment, shipping } = ctx.clients;
  const reason = outcome && "refusal" in outcome ? outcome.refusal.reason : "CHECKOUT_INTERRUPTED";
  const step = (work: (options: CallOptions) => Promise<unknown>) => insist(ctx, journey, work);

  await step((options) => shipping.cancelShipment({ orderId: id }, options));
  await step((options) => payment.cancelPayment({ paymentId, reason }, options));
  await step((options) => catalog.releaseReservation({ reservationId: id, reason }, options));
  await step((options) => order.abandonOrder({ orderId: id, reason }, options));
  return await endRefused(
    ctx,
    checkout,
    journey,
    outcome ?? refusalOutcome(refusal("CHECKOUT_INTERRUPTED"), undefined),
  );
}

/** Nothing was asked of anyone but to hold the stock, so that nothing else needs a bar. */
async function undoReserve(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
  outcome: Outcome,
): Promise<Outcome> {
  const reason = "refusal" in outcome ? outcome.refusal.reason : "CHECKOUT_INTERRUPTED";
  await insist(ctx, journey, (options) =>
    ctx.clients.catalog.releaseReservation({ reservationId: checkout.id, reason }, options),
  );
  return await endRefused(ctx, checkout, journey, outcome);
}

async function endRefused(
  ctx: CheckoutContext,
  checkout: Checkout,
  journey: Journey,
  outcome: Outcome,
): Promise<Outcome> {
  const { id, purchase } = checkout;
  const isOurs = isInterrupted(outcome)
    ? await finishInterrupted(ctx.db, id, outcome)
    : await finish(ctx.db, id, "refused", outcome);
  if (isOurs && "refusal" in outcome)
    noteRefused(ctx.log, journey.call, {
      orderId: id,
      orderNumber: journey.orderNumber,
      reason: outcome.refusal.reason,
      total: purchase.total,
    });
  return isOurs || isInterrupted(outcome) ? outcome : await settled(ctx, checkout);
}

/** Another worker has decided; its word counts. */
async function settled(ctx: CheckoutContext, { id }: Checkout): Promise<Outcome> {
  const now = await findCheckout(ctx.db, id);
  if (now?.outcome && (now.status === "completed" || now.status === "refused")) return now.outcome;
  throw refusal("CHECKOUT_UNRESOLVED", { retryAfterSeconds: 1 });
}

async function leaveOpen(
  ctx: CheckoutContext,
  { id }: Checkout,
  journey: Journey,
  error: AppError,
): Promise<never> {
  ctx.log.warn(
    { err: error.cause ?? error, checkoutId: id },
    "A checkout could not go on; it is taken up again soon.",
  );
  const task = { name: resumeCheckoutName, key: id, delaySeconds: releaseSeconds };
  // When this fails too, the lease ends by itself, and the checkout is found abandoned.
  await ctx.db
    .inTransaction(async (tx) => {
      await releaseLease(tx, id, ctx.owner, releaseSeconds);
      await ctx.tasks.add(tx, journey.call, task);
    })
    .catch(() => undefined);
  throw refusal("CHECKOUT_UNRESOLVED", { retryAfterSeconds: 1 });
}

const releaseSeconds = 0.5;
function isInterrupted(outcome: Outcome): boolean {
  return "refusal" in outcome && outcome.refusal.reason === "CHECKOUT_INTERRUPTED";
}

function pendingOrder({ id, paymentId, purchase }: Checkout) {
  const { lines, subtotal, discount, shippingCost, tax, total } = purchase;
  return {
    id,
    userId: purchase.userId,
    email: purchase.email,
    currencyCode: purchase.currencyCode,
    items: lines.map(({ unitPrice, ...line }) => ({ ...line, price: unitPrice })),
    subtotal,
    discount,
    shippingCost,
    tax,
    totalAmount: total,
    shippingAddress: purchase.address,
    payment: { id: paymentId },
    rateSnapshotId: purchase.rateSnapshotId,
    shippingMethodCode: purchase.shippingMethodCode,
    shippingMethodName: purchase.shippingMethodName,
  };
}

function orderPayment({ id, brand, last4 }: Payment) {
  return { id, status: "captured", brand, last4 };
}

function shipmentOf({ id, purchase }: Checkout) {
  const { address, lines, shippingMethodCode } = purchase;
  return { orderId: id, address, items: parcelItems(lines), methodCode: shippingMethodCode };
}
