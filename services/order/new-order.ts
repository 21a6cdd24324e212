import type { Order as OrderMessage, OrderItem as ItemMessage } from "#gen/stoa/order/v1/order_pb.js";
import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import { isUuid, newId, randomCode } from "#platform/kit/ids.ts";
import { decimalsOf, type Money } from "#platform/kit/money.ts";
import { orderNumberAlphabet, orderNumberLength, type NewOrder, type OrderItem } from "./order.ts";

/** The order to write, or a refusal that names each field in which its arithmetic or form is wrong. */
export function parseNewOrder(message: OrderMessage | undefined): NewOrder {
  if (!message) throw invalid([{ path: "order", message: "must be given" }]);
  const { currencyCode: currency, shippingAddress } = message;
  decimalsOf(currency);
  const faults = new Faults();
  const amount = (path: string, money: Money | undefined) => faults.amount(path, money, currency);
  faults.unless(isUuid(message.id), "order.id", "must be a UUID in lower case");
  faults.unless(isUuid(message.userId), "order.user_id", "must be a UUID in lower case");
  faults.unless(message.email.length <= 254, "order.email", "must have at most 254 characters");
  faults.unless(shippingAddress !== undefined, "order.shipping_address", "must be given");
  const paymentId = message.payment?.id ?? "";
  faults.unless(paymentId === "" || isUuid(paymentId), "order.payment.id", "must be a UUID in lower case");
  const { length } = message.items;
  faults.unless(length >= 1 && length <= 100, "order.items", "must have from 1 to 100 items");
  const items = message.items.map((item, index) =>
    parseItem(item, `order.items[${index}]`, faults, currency),
  );
  const subtotalMinor = amount("order.subtotal", message.subtotal);
  const discountMinor = message.discount ? amount("order.discount", message.discount) : 0n;
  const shippingMinor = message.shippingCost ? amount("order.shipping_cost", message.shippingCost) : 0n;
  const taxMinor = message.tax ? amount("order.tax", message.tax) : 0n;
  const totalMinor = amount("order.total_amount", message.totalAmount);
  const itemsMinor = items.reduce((sum, item) => sum + item.subtotalMinor, 0n);
  faults.unless(itemsMinor === subtotalMinor, "order.subtotal", "must be the sum of the items");
  faults.unless(
    totalMinor === subtotalMinor - discountMinor + shippingMinor + taxMinor,
    "order.total_amount",
    "must be subtotal - discount + shipping + tax",
  );
  faults.throwIfAny();
  return {
    id: message.id,
    orderNumber: `S-${randomCode(orderNumberLength, orderNumberAlphabet)}`,
    userId: message.userId,
    email: message.email,
    currency,
    items,
    subtotalMinor,
    discountMinor,
    shippingMinor,
    taxMinor,
    totalMinor,
    shippingAddress: addressOf(shippingAddress),
    shippingMethodCode: message.shippingMethodCode,
    shippingMethodName: message.shippingMethodName,
    rateSnapshotId: message.rateSnapshotId,
    paymentId: paymentId === "" ? null : paymentId,
  };
}

function parseItem(item: ItemMessage, path: string, faults: Faults, currency: string): OrderItem {
  const { productId, variantId, productCode, name, quantity } = item;
  faults.unless(isUuid(productId), `${path}.product_id`, "must be a UUID in lower case");
  faults.unless(isUuid(variantId), `${path}.variant_id`, "must be a UUID in lower case");
  faults.unless(name !== "", `${path}.name`, "must not be empty");
  faults.unless(quantity >= 1, `${path}.quantity`, "must be 1 or more");
  const priceMinor = faults.amount(`${path}.price`, item.price, currency);
  const subtotalMinor = faults.amount(`${path}.subtotal`, item.subtotal, currency);
  faults.unless(
    subtotalMinor === priceMinor * BigInt(quantity),
    `${path}.subtotal`,
    "must be price × quantity",
  );
  return { id: newId(), productId, variantId, productCode, name, quantity, priceMinor, subtotalMinor };
}

class Faults {
  readonly #violations: FieldViolation[] = [];

  unless(isRight: boolean, path: string, message: string): void {
    if (!isRight) this.#violations.push({ path, message });
  }

  amount(path: string, money: Money | undefined, currency: string): bigint {
    const isRight = money !== undefined && money.currencyCode === currency && money.minor >= 0n;
    this.unless(isRight, path, `must be an amount in ${currency}, not below zero`);
    return money?.minor ?? 0n;
  }

  throwIfAny(): void {
    if (this.#violations.length > 0) throw invalid(this.#violations);
  }
}

function addressOf(address: OrderMessage["shippingAddress"]) {
  const { fullName = "", line1 = "", line2 = "", city = "", region = "" } = address ?? {};
  const { postalCode = "", country = "", freeText = false } = address ?? {};
  return { fullName, line1, line2, city, region, postalCode, country, freeText };
}
