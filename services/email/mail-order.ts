// What mails say about an order, whichever contract it came by. Pure.
import type { Money as UnitsMoney, OrderResult } from "#gen/hipstershop/demo_pb.js";
import type { Order } from "#gen/stoa/order/v1/order_pb.js";
import type { Address } from "#gen/stoa/type/v1/address_pb.js";
import { add, times, type Money } from "#platform/kit/money.ts";
import { fromUnitsMoney } from "#platform/kit/units-money.ts";

export type SumName = "subtotal" | "discount" | "shipping" | "tax" | "total" | "refunded" | "net";

export interface MailOrder {
  readonly id: string;
  /** What makes its link open it for whoever reads the mail; empty where there is nothing to open. */
  readonly access: string;
  /** For people. */
  readonly number: string;
  readonly items: readonly {
    readonly name: string;
    readonly quantity: number;
    readonly subtotal: Money | undefined;
  }[];
  /** From subtotal to total, in the order in which they are computed. */
  readonly sums: readonly { readonly name: SumName; readonly amount: Money }[];
  readonly addressLines: readonly string[];
  /** A code, or what somebody wrote. */
  readonly country: string;
  readonly trackingNumber: string;
  /** As it was called when the order was placed; empty where nobody knows. */
  readonly shippingMethod: { readonly code: string; readonly name: string };
  /** What was given back in all, and what remains of the total; undefined when nothing was given back yet. */
  readonly refund: { readonly total: Money; readonly refunded: Money; readonly net: Money } | undefined;
  /** Of a cancelled order: what it still keeps, which is on its way back. */
  readonly owed: Money | undefined;
}

export function mailOrderOf(order: Order, access = ""): MailOrder {
  const sums: [SumName, Money | undefined, boolean][] = [
    ["subtotal", order.subtotal, true],
    ["discount", order.discount, false],
    ["shipping", order.shippingCost, true],
    ["tax", order.tax, false],
    ["total", order.totalAmount, true],
  ];
  const { refundedAmount: refunded, netAmount: net, totalAmount: total } = order;
  const isRefunded = refunded !== undefined && refunded.minor > 0n;
  if (isRefunded) sums.push(["refunded", refunded, true], ["net", net, true]);
  return {
    id: order.id,
    access,
    number: order.orderNumber || order.id,
    refund: isRefunded && net && total ? { total, refunded, net } : undefined,
    owed: order.status === "cancelled" && net && net.minor > 0n ? net : undefined,
    items: order.items.map(({ name, quantity, subtotal }) => ({ name, quantity, subtotal })),
    sums: sums.flatMap(([name, amount, isAlwaysShown]) =>
      amount && (isAlwaysShown || amount.minor !== 0n) ? [{ name, amount }] : [],
    ),
    addressLines: order.shippingAddress ? addressLines(order.shippingAddress) : [],
    country: order.shippingAddress?.country ?? "",
    trackingNumber: order.trackingNumber,
    shippingMethod: { code: order.shippingMethodCode, name: order.shippingMethodName },
  };
}

/** The foreign contract knows no names of products and no total: codes stand for names, and the total is summed up here. */
export function mailOrderOfResult(result: OrderResult): MailOrder {
  const items = result.items.map(({ item, cost }) => {
    const quantity = item?.quantity ?? 0;
    const subtotal = knownMoney(cost);
    return { name: item?.productId ?? "", quantity, subtotal: subtotal && times(subtotal, quantity) };
  });
  const shipping = knownMoney(result.shippingCost);
  const amounts = [...items.map(({ subtotal }) => subtotal), shipping];
  const total = sumOfAll(amounts);
  const {
    streetAddress = "",
    city = "",
    state = "",
    zipCode = 0,
    country = "",
  } = result.shippingAddress ?? {};
  const lines = [
    streetAddress,
    [city, state, zipCode === 0 ? "" : String(zipCode)].filter(Boolean).join(" "),
  ];
  return {
    id: result.orderId,
    access: "",
    number: result.orderId,
    items,
    sums: [
      ...(shipping ? [{ name: "shipping" as const, amount: shipping }] : []),
      ...(total ? [{ name: "total" as const, amount: total }] : []),
    ],
    addressLines: lines.filter(Boolean),
    country,
    trackingNumber: result.shippingTrackingId,
    shippingMethod: { code: "", name: "" },
    refund: undefined,
    owed: undefined,
  };
}

function addressLines({ fullName, line1, line2, city, region, postalCode }: Address): string[] {
  const place = [city, region, postalCode].filter(Boolean).join(" ");
  return [fullName, line1, line2, place].filter(Boolean);
}

function knownMoney(amount: UnitsMoney | undefined): Money | undefined {
  return amount && /^[A-Z]{3}$/.test(amount.currencyCode) ? fromUnitsMoney(amount, "order") : undefined;
}

/** Nothing when a part is not known or the parts are of several currencies. */
function sumOfAll(amounts: readonly (Money | undefined)[]): Money | undefined {
  return amounts.reduce((total, amount) => {
    return total && amount && total.currencyCode === amount.currencyCode ? add(total, amount) : undefined;
  });
}
