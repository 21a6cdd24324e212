import type { Static } from "@fastify/type-provider-typebox";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { QuoteSchema } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { actsForTheShop } from "#platform/auth/guards.ts";
import { AppError, appError, invalid } from "#platform/kit/errors.ts";
import type { GatewayContext } from "../context.ts";
import { endpoint, type ApiRequest } from "../endpoint.ts";
import { parseMoney } from "../money.ts";
import { listJson, orderJson, placedJson, quoteJson, refundJson } from "../present.ts";
import {
  Order,
  OrderList,
  OrderAccess,
  OrderLookUp,
  OrderQuery,
  type PaymentMeans,
  PlaceOrder,
  Refund,
  RefundList,
  RefundRequest,
  StatusChange,
} from "../schemas/order.ts";
import { Accepted } from "../schemas/answer.ts";
import { ref } from "../schemas/shapes.ts";

const placeOrder = endpoint({
  id: "placeOrder",
  method: "POST",
  path: "/api/orders",
  journey: "checkout",
  tag: "Orders",
  summary: "Place an order",
  description:
    "With `Idempotency-Key`, the same key and body get the same answer, byte for byte. Without it an order from the cart " +
    "is keyed by the cart's version, so a double click gives one order. Where buyers pay at the payment provider, the order is " +
    "`pending` with `payment.action` until they have: ask again with the same key, or POST /api/orders/:id/resume.",
  access: "token",
  body: ref(PlaceOrder),
  isKeyed: true,
  status: 201,
  answer: Order,
  refusals: {
    400: ["ADDRESS_INVALID", "CURRENCY_UNKNOWN", "SHIPPING_METHOD_UNKNOWN"],
    402: ["CARD_DECLINED", "FUNDS_INSUFFICIENT", "PAYMENT_NOT_COMPLETED"],
    404: ["PRODUCT_NOT_FOUND", "QUOTE_NOT_FOUND"],
    409: ["STOCK_INSUFFICIENT", "QUOTE_CHANGED"],
    422: ["CART_EMPTY", "CARD_INVALID", "PAYMENT_METHOD_UNSUPPORTED"],
    503: ["CHECKOUT_DISABLED", "CHECKOUT_INTERRUPTED", "CHECKOUT_UNRESOLVED", "PAYMENT_UNAVAILABLE"],
  },
  isFinished: true,
  run: async (ctx, { body, idempotencyKey, call }) => {
    const { payment, cartVersion, ...purchase } = body;
    const request = {
      ...purchase,
      ...meansOf(payment),
      ...(cartVersion === undefined ? {} : { cartVersion: BigInt(cartVersion) }),
      idempotencyKey,
    };
    try {
      const { order, pendingPayment } = await ctx.clients.checkout.placeOrder(request, call);
      return placedJson(order, pendingPayment);
    } catch (error) {
      throw asShown(error);
    }
  },
});

/** What the request pays with; each type has a field of its own, and no other. */
function meansOf({ type, card, presentation }: Static<typeof PaymentMeans>) {
  const [wanted, given, other, odd] =
    type === "card"
      ? ["card", card, "presentation", presentation]
      : ["presentation", presentation, "card", card];
  if (given === undefined) throw invalid([{ path: `payment.${wanted}`, message: "is required" }]);
  if (odd !== undefined)
    throw invalid([{ path: `payment.${other}`, message: `does not go with type ${type}` }]);
  return { ...(card ? { card } : {}), ...(presentation ? { presentation } : {}) };
}

const resumeOrder = endpoint({
  id: "resumeOrder",
  method: "POST",
  path: "/api/orders/:id/resume",
  journey: "checkout",
  tag: "Orders",
  summary: "Look whether a pending order was paid",
  description:
    "For orders whose buyer pays at the payment provider. Answers the order, still `pending` or not, or the refusal it ended in. " +
    "It happens by itself too, within seconds; asking is for who waits.",
  access: "token",
  status: 200,
  answer: Order,
  refusals: {
    402: ["PAYMENT_NOT_COMPLETED"],
    404: ["ORDER_NOT_FOUND"],
    409: ["STOCK_INSUFFICIENT"],
    503: ["CHECKOUT_INTERRUPTED", "CHECKOUT_UNRESOLVED", "PAYMENT_UNAVAILABLE"],
  },
  isFinished: true,
  run: async (ctx, { param, call }) => {
    const { order, pendingPayment } = await ctx.clients.checkout.resumeOrder({ orderId: param("id") }, call);
    return placedJson(order, pendingPayment);
  },
});

/** What a refused purchase says about quotes and cards, in the words of this API. */
function asShown(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const { kind, reason, publicMessage, retryAfterSeconds } = error;
  const { quote, ...rest } = error.details;
  const details =
    quote === undefined ? rest : { ...rest, quote: quoteJson(fromJson(QuoteSchema, quote as JsonValue)) };
  const violations = error.violations.map(({ path, message }) => ({
    path: path.replace(/^card\b/, "payment.card"),
    message,
  }));
  const options = { publicMessage, details, violations, cause: error.cause };
  return appError(
    kind,
    reason,
    retryAfterSeconds === undefined ? options : { ...options, retryAfterSeconds },
  );
}

async function listPage(
  ctx: GatewayContext,
  { query, call }: ApiRequest<Static<typeof OrderQuery>, unknown>,
  who: { userId: string; email: string },
) {
  const { status = "", createdFrom, createdUntil, limit = 0, cursor = "" } = query;
  const page = await ctx.clients.order.listOrders(
    {
      ...who,
      status,
      limit,
      cursor,
      ...(createdFrom === undefined ? {} : { createdFrom: timestampFromDate(new Date(createdFrom)) }),
      ...(createdUntil === undefined ? {} : { createdUntil: timestampFromDate(new Date(createdUntil)) }),
    },
    call,
  );
  return listJson(page.orders.map(orderJson), page);
}

const listOrders = endpoint({
  id: "listOrders",
  method: "GET",
  path: "/api/orders",
  journey: "orders",
  tag: "Orders",
  summary: "List orders, newest first",
  description: "Admins see all, others their own.",
  access: "token",
  machine: "orders",
  query: OrderQuery,
  status: 200,
  answer: OrderList,
  run: async (ctx, request) => {
    const { actor, query } = request;
    const isAdmin = actor.kind === "user" && actsForTheShop(actor.role);
    // Filters narrow what one may see anyway; they never widen it.
    const who = isAdmin
      ? { userId: query.userId ?? "", email: query.email ?? "" }
      : { userId: "", email: "" };
    return await listPage(ctx, request, who);
  },
});

const listOrdersOfUser = endpoint({
  id: "listOrdersOfUser",
  method: "GET",
  path: "/api/orders/user/:userId",
  journey: "orders",
  tag: "Orders",
  summary: "List a user's orders, newest first",
  access: "owner",
  machine: "orders",
  query: OrderQuery,
  status: 200,
  answer: OrderList,
  run: async (ctx, request) => await listPage(ctx, request, { userId: request.ownerId, email: "" }),
});

const lookUpOrder = endpoint({
  id: "lookUpOrder",
  method: "POST",
  path: "/api/orders/lookup",
  journey: "orders",
  tag: "Orders",
  summary: "Have a mail sent that opens an order without signing in",
  description:
    "When number and email are those of an order, a mail with its signed address goes to that email. The same answer for every question.",
  access: "anyone",
  body: ref(OrderLookUp),
  status: 202,
  answer: Accepted,
  refusals: { 429: ["RATE_LIMITED"] },
  run: async (ctx, { body, serviceCall }) => {
    await ctx.clients.order.lookUpOrder(body, serviceCall);
    return {};
  },
});

const getOrder = endpoint({
  id: "getOrder",
  method: "GET",
  path: "/api/orders/:id",
  journey: "orders",
  tag: "Orders",
  summary: "Show an order",
  description: "By id or number, to its owner and to admins.",
  access: "token",
  machine: "orders",
  status: 200,
  answer: Order,
  refusals: { 404: ["ORDER_NOT_FOUND"] },
  run: async (ctx, { param, call }) =>
    orderJson((await ctx.clients.order.getOrder({ id: param("id") }, call)).order),
});

const openOrder = endpoint({
  id: "openOrder",
  method: "POST",
  path: "/api/orders/:id/open",
  journey: "orders",
  tag: "Orders",
  summary: "Show an order to whoever has the link of its mail",
  description:
    "By id and what the link says after `access=`. It shows that one order until it expires, and moves nothing. No token is needed.",
  access: "anyone",
  body: ref(OrderAccess),
  status: 200,
  answer: Order,
  refusals: { 404: ["ORDER_NOT_FOUND", "LINK_INVALID"] },
  run: async (ctx, { param, body, serviceCall }) => {
    const id = param("id");
    await ctx.clients.email.openOrderLink({ orderId: id, access: body.access }, serviceCall);
    return orderJson((await ctx.clients.order.getOrder({ id }, serviceCall)).order);
  },
});

/** Someone else's order is not there, whatever the body says. */
async function requireOrder(
  ctx: GatewayContext,
  { param, call }: ApiRequest<unknown, undefined>,
): Promise<void> {
  await ctx.clients.order.getOrder({ id: param("id") }, call);
}

const changeStatus = endpoint({
  id: "changeOrderStatus",
  method: "PATCH",
  path: "/api/orders/:id/status",
  journey: "orders",
  tag: "Orders",
  summary: "Move an order along, or cancel it",
  description:
    "Owners may only cancel. A cancel gives back stock and money, once. Where the payment service is somebody else's " +
    "(`provider` of GET /api/payments/method is `hipstershop`), the money has to be given back there by hand.",
  access: "token",
  machine: "orders",
  body: ref(StatusChange),
  status: 200,
  answer: Order,
  refusals: {
    403: ["ADMIN_REQUIRED"],
    404: ["ORDER_NOT_FOUND"],
    409: ["STATUS_TRANSITION_INVALID", "ORDER_REFUNDED"],
  },
  isFinished: true,
  permit: requireOrder,
  run: async (ctx, { param, body, call }) => {
    const change = { orderId: param("id"), status: body.status, reason: body.reason ?? "" };
    return orderJson((await ctx.clients.order.updateStatus(change, call)).order);
  },
});

const refundOrder = endpoint({
  id: "refundOrder",
  method: "POST",
  path: "/api/orders/:id/refunds",
  journey: "admin",
  tag: "Orders",
  summary: "Give money back, in full or in part",
  description:
    'Either an `amount` or `"full": true`, which is all that is left; never more than was captured. `Idempotency-Key` or ' +
    "`refundId` makes the call safe to repeat. A refund is `pending` while the payment provider is away.",
  access: "admin",
  machine: "orders",
  isKeyed: true,
  body: ref(RefundRequest),
  isBodyOptional: true,
  status: 201,
  answer: Refund,
  refusals: {
    404: ["ORDER_NOT_FOUND"],
    409: ["REFUND_EXCEEDS_CAPTURED", "REFUND_REFUSED", "REFUND_ID_TAKEN", "ORDER_NOT_PAID"],
  },
  isSlow: true,
  isFinished: true,
  permit: requireOrder,
  run: async (ctx, { param, body, idempotencyKey, call }) => {
    const { amount, full = false, reason = "", refundId = "" } = body;
    const request = { orderId: param("id"), refundId, reason, full, idempotencyKey };
    const { refund, order } = await ctx.clients.order.refundOrder(
      amount ? { ...request, amount: parseMoney(amount, "amount") } : request,
      call,
    );
    return refundJson(refund, order);
  },
});

const listRefunds = endpoint({
  id: "listRefunds",
  method: "GET",
  path: "/api/orders/:id/refunds",
  journey: "admin",
  tag: "Orders",
  summary: "List what was given back of an order, oldest first",
  description:
    "Refunds of the shop, refunds that were made at the payment provider (their `actor` is `payment`), and the rest that a cancel " +
    "gives back. Those that are `done` make the order's `refundedAmount`.",
  access: "admin",
  machine: "orders",
  status: 200,
  answer: RefundList,
  refusals: { 404: ["ORDER_NOT_FOUND"] },
  run: async (ctx, { param, call }) => {
    const { refunds } = await ctx.clients.order.listRefunds({ orderId: param("id") }, call);
    return listJson(refunds.map((refund) => refundJson(refund)));
  },
});

export const orderEndpoints = [
  placeOrder,
  resumeOrder,
  listOrders,
  listOrdersOfUser,
  lookUpOrder,
  getOrder,
  openOrder,
  changeStatus,
  refundOrder,
  listRefunds,
];
