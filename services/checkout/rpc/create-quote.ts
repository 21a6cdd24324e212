import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { CreateQuoteRequest } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { requireUser } from "#platform/auth/guards.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { parseGivenEmail } from "../buyer.ts";
import type { CheckoutContext } from "../context.ts";
import { preparePurchase, type Prepared } from "../prepare.ts";
import { fingerprintOf } from "../purchase.ts";
import { insertQuote } from "../store.ts";

/** What the purchase would cost now. */
export async function createQuote(ctx: CheckoutContext, request: CreateQuoteRequest, call: Call) {
  const userId = call.service && request.userId !== "" ? request.userId : requireUser(call).userId;
  const { currencyCode, items, shippingAddress: address, shippingMethodCode } = request;
  const email = parseGivenEmail(request.email);
  const wanted = { userId, email, currencyCode, items, address, shippingMethodCode };
  return { quote: await saveQuote(ctx, await preparePurchase(ctx, wanted, call)) };
}

/** Keeps what is shown, so that a later order can be held against it. */
export async function saveQuote(ctx: CheckoutContext, { purchase, shippingMethods }: Prepared) {
  const id = newId();
  const expiresAt = new Date(ctx.clock.now().getTime() + ctx.config.CHECKOUT_QUOTE_SECONDS * 1000);
  await insertQuote(ctx.db, {
    id,
    userId: purchase.userId,
    fingerprint: fingerprintOf(purchase),
    shippingMethodCode: purchase.shippingMethodCode,
    expiresAt,
  });
  const { lines, subtotal, discount, shippingCost, tax, total, currencyCode } = purchase;
  return {
    id,
    items: [...lines],
    subtotal,
    discount,
    shippingCost,
    tax,
    total,
    currencyCode,
    expiresAt: timestampFromDate(expiresAt),
    shippingMethodCode: purchase.shippingMethodCode,
    shippingMethods: [...shippingMethods],
    rateSnapshotId: purchase.rateSnapshotId,
  };
}
