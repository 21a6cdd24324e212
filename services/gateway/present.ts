// Messages of the services as the JSON of the REST API: exactly the fields the specification names, no others.
import type { Static } from "@fastify/type-provider-typebox";
import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Ad as AdMessage } from "#gen/stoa/ad/v1/ad_pb.js";
import type { Cart as CartMessage, LeftItem as LeftItemMessage } from "#gen/stoa/cart/v1/cart_pb.js";
import type {
  Category as CategoryMessage,
  Product as ProductMessage,
} from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { PendingPayment, Quote as QuoteMessage } from "#gen/stoa/checkout/v1/checkout_pb.js";
import type { Mail as MailMessage } from "#gen/stoa/email/v1/email_pb.js";
import type { Order as OrderMessage, Refund as RefundMessage } from "#gen/stoa/order/v1/order_pb.js";
import type { Address as AddressMessage } from "#gen/stoa/type/v1/address_pb.js";
import type { TrackShipmentResponse } from "#gen/stoa/shipping/v1/shipping_pb.js";
import type { Session as SessionMessage, User as UserMessage } from "#gen/stoa/user/v1/user_pb.js";
import { sum, times, zero, type Money } from "#platform/kit/money.ts";
import { moneyJson, type ShowPrice } from "./money.ts";
import type { Cart } from "./schemas/cart.ts";
import type { FullMail, Mail } from "./schemas/mail.ts";
import type { Order, OrderAddress, Quote, Refund, Tracking } from "./schemas/order.ts";
import type { Product } from "./schemas/product.ts";
import type { Session, User } from "./schemas/user.ts";

export function instant(at: Timestamp | undefined): string {
  if (!at) throw new Error("A service left out a time that its contract promises.");
  return timestampDate(at).toISOString();
}

function optionalInstant(at: Timestamp | undefined): string | null {
  return at ? instant(at) : null;
}

/** One page of a list. */
export function listJson<T>(items: readonly T[], page?: { nextCursor: string; total: bigint }) {
  return {
    items,
    nextCursor: page?.nextCursor ? page.nextCursor : null,
    total: page ? Number(page.total) : items.length,
  };
}

export function userJson(user: UserMessage | undefined): Static<typeof User> {
  const { id, email, firstName, lastName, role, createdAt, updatedAt } = present(user);
  return {
    id,
    email,
    firstName,
    lastName,
    role: role === "admin" || role === "guest" ? role : "customer",
    createdAt: instant(createdAt),
    updatedAt: instant(updatedAt),
  };
}

export function sessionFields(session: SessionMessage | undefined) {
  const { token, expiresAt, refreshToken } = present(session);
  return { token, expiresAt: instant(expiresAt), refreshToken };
}

export function sessionJson(answer: {
  user?: UserMessage | undefined;
  session?: SessionMessage | undefined;
}): Static<typeof Session> {
  return { user: userJson(answer.user), ...sessionFields(answer.session) };
}

export function leftItemJson({ productId, variantId, name, quantity, limit }: LeftItemMessage) {
  return { productId, variantId, name, quantity, limit: limit === "lines" ? limit : "quantity" } as const;
}

/** Every amount in products, for conversion in one go. */
export function pricesOf(products: readonly ProductMessage[]): (Money | undefined)[] {
  return products.flatMap(({ price, variants }) => [price, ...variants.map((variant) => variant.price)]);
}

export function productJson(product: ProductMessage | undefined, show: ShowPrice): Static<typeof Product> {
  const { id, code, slug, name, description, price, category, categories, imageUrl, ...rest } =
    present(product);
  return {
    id,
    code,
    slug,
    name,
    description,
    price: moneyJson(show(price)),
    category,
    categories,
    imageUrl,
    stockQuantity: Number(rest.stockQuantity),
    attributes: rest.attributes ?? {},
    variants: rest.variants.map((variant) => ({
      id: variant.id,
      sku: variant.sku,
      options: variant.options,
      price: moneyJson(show(variant.price)),
      stockQuantity: Number(variant.stockQuantity),
    })),
    createdAt: instant(rest.createdAt),
    updatedAt: instant(rest.updatedAt),
  };
}

interface CategoryJson {
  readonly id: string;
  readonly parentId: string | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly position: number;
  readonly productCount: number;
  readonly children: readonly CategoryJson[];
}

export function categoryJson(category: CategoryMessage): CategoryJson {
  const { id, parentId, slug, name, description, position, productCount, children } = category;
  return {
    id,
    parentId: parentId || null,
    slug,
    name,
    description,
    position,
    productCount: Number(productCount),
    children: children.map(categoryJson),
  };
}

/** Lines are unit price times quantity in the shown currency, as a quote would have them; what is gone costs nothing. */
const cartsLost = {
  reason: "CARTS_LOST",
  message:
    "What was in carts until then was lost by a fault of ours. If yours held something, please put it in again.",
} as const;

export function cartJson(
  cart: CartMessage | undefined,
  show: ShowPrice,
  currencyCode: string,
): Static<typeof Cart> {
  const { userId, version, items, expiresAt, lostAt } = present(cart);
  const lines = items.map((item) => {
    const unitPrice = show(item.unitPrice);
    const pieces = item.availability === "gone" ? 0 : item.quantity;
    return { item, unitPrice, subtotal: times(unitPrice, pieces) };
  });
  const subtotals = lines.map(({ subtotal }) => subtotal);
  return {
    userId,
    version: Number(version),
    items: lines.map(({ item, unitPrice, subtotal }) => ({
      productId: item.productId,
      variantId: item.variantId,
      name: item.name,
      imageUrl: item.imageUrl,
      quantity: item.quantity,
      unitPrice: moneyJson(unitPrice),
      subtotal: moneyJson(subtotal),
      availableQuantity: Number(item.availableQuantity),
      availability: availabilityJson(item.availability),
    })),
    subtotal: moneyJson(sum(subtotals[0]?.currencyCode ?? currencyCode, subtotals)),
    expiresAt: optionalInstant(expiresAt),
    ...(lostAt && { notice: { ...cartsLost, at: timestampDate(lostAt).toISOString() } }),
  };
}

/** A cart of the release before says nothing of it, and shows only what is on sale. */
function availabilityJson(availability: string) {
  return availability === "gone" || availability === "short" ? availability : "available";
}

export function quoteJson(quote: QuoteMessage | undefined): Static<typeof Quote> {
  const { id, items, subtotal, discount, shippingCost, tax, total, currencyCode, expiresAt, ...shipping } =
    present(quote);
  return {
    quoteId: id,
    items: items.map((item) => ({
      productId: item.productId,
      variantId: item.variantId,
      name: item.name,
      quantity: item.quantity,
      unitPrice: moneyJson(item.unitPrice),
      subtotal: moneyJson(item.subtotal),
    })),
    subtotal: moneyJson(subtotal),
    discount: moneyJson(discount),
    shippingCost: moneyJson(shippingCost),
    shippingMethods: shipping.shippingMethods.map(({ code, name, cost, estimatedDays }) => ({
      code,
      name,
      cost: moneyJson(cost),
      estimatedDays,
    })),
    shippingMethodCode: shipping.shippingMethodCode,
    tax: moneyJson(tax),
    total: moneyJson(total),
    currencyCode,
    expiresAt: instant(expiresAt),
  };
}

export function orderJson(message: OrderMessage | undefined): Static<typeof Order> {
  const order = present(message);
  const { payment } = order;
  return {
    id: order.id,
    orderNumber: order.orderNumber,
    userId: order.userId,
    email: order.email,
    status: order.status as Static<typeof Order>["status"],
    currencyCode: order.currencyCode,
    items: order.items.map((item) => ({
      id: item.id,
      productId: item.productId,
      variantId: item.variantId,
      name: item.name,
      quantity: item.quantity,
      price: moneyJson(item.price),
      subtotal: moneyJson(item.subtotal),
    })),
    subtotal: moneyJson(order.subtotal),
    discount: moneyJson(order.discount),
    shippingCost: moneyJson(order.shippingCost),
    tax: moneyJson(order.tax),
    totalAmount: moneyJson(order.totalAmount),
    // Answers that were kept by an earlier release do not say it.
    refundedAmount: moneyJson(order.refundedAmount ?? zero(order.currencyCode)),
    netAmount: moneyJson(order.netAmount ?? order.totalAmount),
    shippingAddress: addressJson(order.shippingAddress),
    shippingMethod: shippingMethodJson(order),
    trackingNumber: order.trackingNumber === "" ? null : order.trackingNumber,
    payment: payment ? { status: payment.status, brand: payment.brand, last4: payment.last4 } : null,
    createdAt: instant(order.createdAt),
    updatedAt: instant(order.updatedAt),
  };
}

/** Orders of earlier releases know the code of their method only. */
function shippingMethodJson({ shippingMethodCode: code, shippingMethodName: name }: OrderMessage) {
  return code === "" ? null : { code, name: name === "" ? code : name };
}

/** An order as its buyer gets it who has just asked for it: pending, with what is to be done, or placed. */
export function placedJson(
  order: OrderMessage | undefined,
  pending: PendingPayment | undefined,
): Static<typeof Order> {
  const json = orderJson(order);
  if (!pending) return json;
  const { status, action, expiresAt } = pending;
  const { clientSecret = "", redirectUrl = "" } = action ?? {};
  const isForBuyer = status === "needs_action" && action !== undefined;
  const shown = {
    clientSecret: clientSecret || null,
    redirectUrl: redirectUrl || null,
    expiresAt: instant(expiresAt),
  };
  const payment = { status: isForBuyer ? "requires_action" : "processing", brand: "", last4: "" };
  return { ...json, payment: isForBuyer ? { ...payment, action: shown } : payment };
}

function addressJson(message: AddressMessage | undefined): Static<typeof OrderAddress> {
  const { fullName, line1, line2, city, region, postalCode, country } = present(message);
  return {
    ...(fullName === "" ? {} : { fullName }),
    line1,
    ...(line2 === "" ? {} : { line2 }),
    city,
    ...(region === "" ? {} : { region }),
    postalCode,
    country,
  };
}

export function refundJson(message: RefundMessage | undefined, order?: OrderMessage): Static<typeof Refund> {
  const { id, orderId, amount, reason, actor, createdAt, ...rest } = present(message);
  const status = rest.status as Static<typeof Refund>["status"];
  const at = instant(createdAt);
  const refund = { id, orderId, amount: moneyJson(amount), reason, status, actor, createdAt: at };
  return order ? { ...refund, order: orderJson(order) } : refund;
}

export function trackingJson(answer: TrackShipmentResponse): Static<typeof Tracking> {
  const { trackingNumber, status, methodName, country, estimatedDeliveryOn, events } = answer;
  return {
    trackingNumber,
    status,
    methodName,
    country,
    estimatedDeliveryOn: optionalInstant(estimatedDeliveryOn)?.slice(0, 10) ?? null,
    events: events.map((event) => ({ status: event.status, at: instant(event.at) })),
  };
}

export function adJson({ id, redirectUrl, text, imageUrl }: AdMessage) {
  return { id, redirectUrl, text, imageUrl };
}

export function mailJson(message: MailMessage | undefined): Static<typeof Mail> {
  const { id, orderId, template, recipient, subject, status, createdAt, sentAt } = present(message);
  return {
    id,
    orderId: orderId === "" ? null : orderId,
    template,
    recipient,
    subject,
    status,
    createdAt: instant(createdAt),
    sentAt: optionalInstant(sentAt),
  };
}

export function fullMailJson(message: MailMessage | undefined): Static<typeof FullMail> {
  const { html, text } = present(message);
  return { ...mailJson(message), html, text };
}

export function present<T>(message: T | undefined): T {
  if (message === undefined) throw new Error("A service left out a message that its contract promises.");
  return message;
}
