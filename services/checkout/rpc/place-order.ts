// Places an order, once. docs/requests/place-order.md walks through it.
import { create, toJson, type JsonValue } from "@bufbuild/protobuf";
import { QuoteSchema, type PlaceOrderRequest } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { requireUser } from "#platform/auth/guards.ts";
import { brokenConstraint } from "#platform/database/db.ts";
import { invalid } from "#platform/kit/errors.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { askedOf, isSameAsk } from "../asked.ts";
import { beginBuyer } from "../buyer.ts";
import type { CheckoutContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { isOrderRefused, noteRefused } from "../log-lines.ts";
import { countStarted } from "../metrics.ts";
import { placedOf, type Placed } from "../outcome.ts";
import { preparePurchase, type Prepared } from "../prepare.ts";
import { fingerprintOf, type Purchase } from "../purchase.ts";
import type { Queue } from "../queue.ts";
import { runSaga } from "../saga.ts";
import { settledEnd } from "../settled-end.ts";
import {
  findByCartVersion,
  findByKey,
  findQuote,
  insertIntent,
  insertKey,
  type Checkout,
  type IntentKey,
  type KeptQuote,
} from "../store.ts";
import { saveQuote } from "./create-quote.ts";

export async function placeOrder(ctx: CheckoutContext, request: PlaceOrderRequest, call: Call) {
  return await answerInTime(ctx, call, placedOrder(ctx, request, call));
}

async function placedOrder(ctx: CheckoutContext, request: PlaceOrderRequest, call: Call): Promise<Placed> {
  const userId = call.service && request.userId !== "" ? request.userId : requireUser(call).userId;
  const ask = { userId, request, key: keyOf(ctx, request), call };
  const earlier = await earlierAnswer(ctx, ask);
  if (earlier) return earlier;

  if (!(await ctx.flags.isOn("ENABLE_CHECKOUT"))) {
    noteRefused(ctx.log, call, { reason: "CHECKOUT_DISABLED" });
    throw refusal("CHECKOUT_DISABLED", { retryAfterSeconds: 60 });
  }
  const found = await purchaseOrTwin(ctx, ask);
  if ("order" in found) return found;
  return await inLine(ctx.entrance, call, () => place(ctx, found.purchase, ask));
}

/** Kept back from the deadline, so that whoever waits hears something before it; a tenth, and no more than this. */
const answerMsMax = 200;

/**
 * An order that is begun goes on to its end, but nobody is kept waiting for that longer than they said: they are told to ask again, and
 * the same key or cart version then gets the answer there is.
 */
async function answerInTime(ctx: CheckoutContext, call: Call, work: Promise<Placed>): Promise<Placed> {
  const late = Promise.withResolvers<never>();
  const { remainingMs } = call.scope;
  const timer = ctx.clock.after(remainingMs - Math.min(answerMsMax, remainingMs / 10), () =>
    late.reject(refusal("CHECKOUT_UNRESOLVED", { retryAfterSeconds: 2 })),
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.stop();
    work.catch(() => undefined);
  }
}

/** A request to buy, and who makes it. */
interface Ask {
  readonly userId: string;
  readonly request: PlaceOrderRequest;
  readonly key: Key | undefined;
  readonly call: Call;
}

/** Nobody reads an answer that comes after the deadline: what waited too long does not begin. */
async function inLine<T>(queue: Queue, call: Call, work: () => Promise<T>): Promise<T> {
  return await queue.run(async () => {
    if (call.scope.ended) throw call.scope.ended;
    return await work();
  });
}

interface Key extends IntentKey {
  readonly request: PlaceOrderRequest;
}

/** The caller's promise, with what it promised. */
function keyOf({ cards }: CheckoutContext, request: PlaceOrderRequest): Key | undefined {
  const { idempotencyKey: text, card } = request;
  if (text === "") return undefined;
  return {
    text,
    request,
    ...askedOf(request),
    cardFingerprint: cards.of({ idempotencyKey: text, card }),
  };
}

/** What was answered before: under this key, or to whoever bought this cart. */
async function earlierAnswer(ctx: CheckoutContext, ask: Ask): Promise<Placed | undefined> {
  const { userId, key, call } = ask;
  const replayed = key && (await replayOf(ctx, userId, key, call));
  return replayed ?? (await boughtCart(ctx, ask));
}

/** What this key was answered before; a refusal if it is still at work or was used for something else. */
async function replayOf(
  ctx: CheckoutContext,
  userId: string,
  key: Key,
  call: Call,
): Promise<Placed | undefined> {
  const known = await findByKey(ctx.db, userId, key.text);
  if (!known) return undefined;
  const isOtherCard = ctx.cards.differ(known.cardFingerprint, key.cardFingerprint);
  if (isOtherCard || !isSameAsk(known, key.request)) throw refusal("IDEMPOTENCY_KEY_REUSED");
  if (known.status === "waiting") return placedOf(await settledEnd(ctx, known, call));
  if (known.outcome && known.status !== "undoing") return placedOf(known.outcome);
  throw refusal("REQUEST_IN_PROGRESS", { retryAfterSeconds: 1 });
}

/** The order a cart version already became: a reload, a second tab or a double click is answered with it. */
async function boughtCart(
  ctx: CheckoutContext,
  { userId, request, key, call }: Ask,
): Promise<Placed | undefined> {
  if (request.items.length > 0 || request.cartVersion === undefined) return undefined;
  const other = await findByCartVersion(ctx.db, userId, request.cartVersion);
  return other && (await join(ctx, other, key, call));
}

/**
 * What is to be bought. When it cannot be, a twin of this request may have bought it since we looked: then its answer is ours,
 * and not that the cart is empty.
 */
async function purchaseOrTwin(ctx: CheckoutContext, ask: Ask): Promise<{ purchase: Purchase } | Placed> {
  try {
    return { purchase: await inLine(ctx.checks, ask.call, () => checkedPurchase(ctx, ask)) };
  } catch (error) {
    const placed = await earlierAnswer(ctx, ask);
    if (placed) return placed;
    if (isOrderRefused(error)) noteRefused(ctx.log, ask.call, { reason: error.reason });
    throw error;
  }
}

/** All that can be refused without leaving a trace; none of it uses up a key. */
async function checkedPurchase(ctx: CheckoutContext, { userId, request, call }: Ask): Promise<Purchase> {
  const { currencyCode, items, shippingAddress: address, quoteId } = request;
  const emailOf = beginBuyer(ctx, { userId, email: request.email }, call);
  const [shown] = await Promise.all([
    quoteId === "" ? undefined : findQuote(ctx.db, quoteId, userId),
    requirePayable(ctx, request, call),
  ]);
  const shippingMethodCode = request.shippingMethodCode || (shown?.shippingMethodCode ?? "");
  const wasQuoted = shown !== undefined;
  const wanted = { userId, email: "", currencyCode, items, address, shippingMethodCode, wasQuoted };
  const prepared = await preparePurchase(ctx, wanted, call);
  await requireShownPrice(ctx, prepared, request, shown);
  return { ...prepared.purchase, email: await emailOf() };
}

const checkTimeoutMs = 2_000;

/** A card that can be, or a way to pay that the provider knows. */
async function requirePayable(
  ctx: CheckoutContext,
  { card, presentation }: PlaceOrderRequest,
  call: Call,
): Promise<void> {
  const { payment } = ctx.clients;
  // Nothing is asked of the provider here, so its slowness is no reason to wait.
  const options = { ...call.onward, timeoutMs: checkTimeoutMs };
  if (presentation === "") {
    if (!card) throw invalid([{ path: "payment.card", message: "is required" }]);
    await payment.checkCard({ card }, options);
    return;
  }
  const { presentations } = await payment.describeMethod({}, options);
  if (card || !presentations.includes(presentation)) throw refusal("PAYMENT_METHOD_UNSUPPORTED");
}

/** What was shown is what is charged, or the new quote comes back. */
async function requireShownPrice(
  ctx: CheckoutContext,
  prepared: Prepared,
  { quoteId, cartVersion }: PlaceOrderRequest,
  shown: KeptQuote | undefined,
): Promise<void> {
  const { purchase } = prepared;
  const isOtherCart =
    cartVersion !== undefined && purchase.cartVersion !== undefined && cartVersion !== purchase.cartVersion;
  if (quoteId === "" && !isOtherCart) return;
  if (quoteId !== "" && !isOtherCart) {
    if (shown === undefined) throw refusal("QUOTE_NOT_FOUND");
    if (shown.fingerprint === fingerprintOf(purchase)) return;
  }
  const quote = quoteToJson(await saveQuote(ctx, prepared));
  throw refusal("QUOTE_CHANGED", { details: { quote } });
}

/** Intent first, then the steps. */
async function place(ctx: CheckoutContext, purchase: Purchase, { request, key, call }: Ask): Promise<Placed> {
  const { presentation } = request;
  const checkout: Checkout = {
    id: newId(ctx.clock.now().getTime()),
    userId: purchase.userId,
    paymentId: newRandomId(),
    status: "running",
    purchase,
    outcome: undefined,
    ...(presentation === "" ? atOnce : { presentation, waitUntil: waitUntil(ctx) }),
  };
  const other = await claim(ctx, checkout, key);
  if (other === "key") return await keyLost(ctx, purchase.userId, key, call);
  if (other) return await join(ctx, other, key, call);
  countStarted();
  await failpoint("checkout.after-intent");
  const { requestId, trace } = call;
  return placedOf(await runSaga(ctx, checkout, { card: request.card, call: { requestId, trace } }));
}

const atOnce = { presentation: undefined, waitUntil: undefined };

function waitUntil(ctx: CheckoutContext): Date {
  return new Date(ctx.clock.now().getTime() + ctx.config.CHECKOUT_PAYMENT_SECONDS * 1000);
}

/** Undefined when the intent is written; else who has the cart version, or "key" when another request has the key. */
async function claim(
  ctx: CheckoutContext,
  checkout: Checkout,
  key: Key | undefined,
): Promise<Checkout | "key" | undefined> {
  const { purchase } = checkout;
  const leaseSeconds = ctx.config.CHECKOUT_LEASE_SECONDS;
  try {
    for (;;) {
      if (await insertIntent(ctx.db, { ...checkout, key, owner: ctx.owner, leaseSeconds })) return undefined;
      const other = await findByCartVersion(ctx.db, purchase.userId, purchase.cartVersion ?? 0n);
      // A refusal may have freed the version in between: then the next try gets it.
      if (other) return other;
    }
  } catch (error) {
    if (brokenConstraint(error) === "idempotency_keys_pkey") return "key";
    throw error;
  }
}

async function keyLost(
  ctx: CheckoutContext,
  userId: string,
  key: Key | undefined,
  call: Call,
): Promise<Placed> {
  const placed = key && (await replayOf(ctx, userId, key, call));
  if (placed) return placed;
  throw refusal("REQUEST_IN_PROGRESS", { retryAfterSeconds: 1 });
}

/** Waits for the checkout that got there first and takes over its answer; the key, if any, stands for it from now on. */
async function join(
  ctx: CheckoutContext,
  first: Checkout,
  key: Key | undefined,
  call: Call,
): Promise<Placed> {
  const end = await settledEnd(ctx, first, call);
  if (key && !("refusal" in end)) {
    const isOurs = await insertKey(ctx.db, { userId: first.userId, key, checkoutId: first.id });
    if (!isOurs) return await keyLost(ctx, first.userId, key, call);
  }
  return placedOf(end);
}

/** As protobuf writes messages in JSON: details of a refusal are plain JSON. */
function quoteToJson(quote: Awaited<ReturnType<typeof saveQuote>>): JsonValue {
  return toJson(QuoteSchema, create(QuoteSchema, quote));
}
