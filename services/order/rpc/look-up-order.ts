import type { LookUpOrderRequest } from "#gen/stoa/order/v1/order_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { limitKey } from "#platform/kit/rate-limit.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { tellLookedUpName } from "../tasks/tell-looked-up.ts";

const numberLengthMax = 64;
const emailLengthMax = 254;

// public: a guest has nothing to show but a number and an address
export async function lookUpOrder(ctx: OrderContext, request: LookUpOrderRequest, call: Call) {
  if (call.clientAddress !== undefined) await ctx.lookups?.take(limitKey(call.clientAddress));
  const { orderNumber, email } = request;
  if (orderNumber === "" || orderNumber.length > numberLengthMax)
    throw invalid([{ path: "orderNumber", message: `must have 1 to ${numberLengthMax} characters` }]);
  if (!/^[^@\s]+@[^@\s]+$/.test(email) || email.length > emailLengthMax)
    throw invalid([{ path: "email", message: "must be an email address such as ada@example.com" }]);
  await ctx.db.inTransaction(async (tx) => {
    const payload = { orderNumber, email };
    await ctx.tasks.add(tx, call, { name: tellLookedUpName, key: newRandomId(), payload });
  });
  return {};
}
