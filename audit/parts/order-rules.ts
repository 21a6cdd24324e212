// What must hold for one order, decided from its file alone.
import { isOrderStatus, legalMoves } from "../../services/order/order.ts";
import type { Rule } from "../invariant.ts";
import { parseLines, type OrderBook, type OrderFile } from "./order-file.ts";

const isLive = (order: OrderBook | undefined): order is OrderBook =>
  order !== undefined && !order.isAbandoned && order.status !== "cancelled";

/** Whether its buyer was told that it exists. Checkouts are forgotten after a time; then the order speaks for itself. */
const isPromised = ({ checkout, order }: OrderFile): boolean =>
  checkout ? checkout.isCompleted : order !== undefined && !order.isAbandoned;

export const orderRules: readonly Rule<OrderFile>[] = [
  {
    id: "stock-sold",
    sentence: "For every settled order, what was sold is what was ordered; for every other, nothing was.",
    isForWorkAtRest: true,
    judge: ({ id, order, stock }) => {
      const wanted = isLive(order) ? (order.goods ?? "") : "";
      const sold = stock?.status === "committed" ? (stock.goods ?? "") : "";
      return wanted === sold ? [] : [`order ${id} wants ${said(wanted)}, and ${said(sold)} were sold for it`];
    },
  },
  {
    id: "stock-moved",
    sentence: "Stock left for an order exactly as reserved, and came back to the same variants.",
    isForWorkAtRest: false,
    judge: ({ id, stock }) => {
      const sold = stock?.status === "committed" ? (stock.goods ?? "") : "";
      const gone = stock?.gone ?? "";
      return sold === gone
        ? []
        : [`for reservation ${id}, ${said(gone)} are gone from the stock, and ${said(sold)} should be`];
    },
  },
  {
    id: "money-orders",
    sentence:
      "For every settled order the provider keeps exactly its total less refunds; for every other, nothing.",
    isForWorkAtRest: true,
    judge: (file) => moneyFaults(file),
  },
  {
    id: "order-total",
    sentence: "The total is subtotal - discount + shipping + tax, and the subtotal the sum of the lines.",
    isForWorkAtRest: false,
    judge: ({ order }) => {
      if (!order) return [];
      const { subtotal, discount, shipping, tax, total, linesTotal, isAbandoned, lines } = order;
      const isRight =
        total === subtotal - discount + shipping + tax &&
        (subtotal === linesTotal || (isAbandoned && lines === null));
      return isRight ? [] : [`order ${order.id} does not add up`];
    },
  },
  {
    id: "order-lines",
    sentence: "What was quoted, what was ordered and what was reserved are the same variants.",
    isForWorkAtRest: true,
    judge: ({ id, checkout, order, stock }) => {
      if (!order || order.lines === null) return [];
      const faults: string[] = [];
      if (checkout && checkout.lines !== null && checkout.lines !== order.lines)
        faults.push(`order ${id} lists ${said(order.lines)}, and ${said(checkout.lines)} were bought`);
      if (stock?.goods && stock.goods !== order.goods)
        faults.push(`order ${id} lists ${said(order.goods)}, and ${said(stock.goods)} were reserved for it`);
      return faults;
    },
  },
  {
    id: "order-variants",
    sentence: "The variant of every line exists and belongs to the line's product.",
    isForWorkAtRest: false,
    judge: ({ id, order, productOf }) =>
      parseLines(order?.lines ?? null).flatMap(({ variantId, productId }) => {
        const actual = productOf.get(variantId);
        if (actual === productId) return [];
        return actual === undefined
          ? [`order ${id} has a line of variant ${variantId}, which does not exist`]
          : [
              `order ${id} has a line of product ${productId}, and its variant ${variantId} is one of ${actual}`,
            ];
      }),
  },
  {
    id: "order-history",
    sentence: "An order's history is a chain of legal moves that ends in its status.",
    isForWorkAtRest: false,
    judge: ({ order }) => (order ? historyFaults(order) : []),
  },
  {
    id: "order-state",
    sentence:
      "Payment state, captures and refunds of an order are those that its history and its refunds make.",
    isForWorkAtRest: true,
    judge: ({ order }) => (order ? stateFaults(order) : []),
  },
  {
    id: "orders-lost",
    sentence: "Every acknowledged order exists.",
    isForWorkAtRest: true,
    judge: ({ id, checkout, order }) =>
      checkout?.isCompleted && (!order || order.isAbandoned)
        ? [`order ${id} was acknowledged and is ${order ? "abandoned" : "gone"}`]
        : [],
  },
  {
    id: "orphan-reservations",
    sentence: "Every hold and every sale of stock belongs to an order or to a checkout under way.",
    isForWorkAtRest: true,
    judge: ({ id, order, stock }) =>
      !isLive(order) && (stock?.status === "held" || stock?.status === "committed")
        ? [`reservation ${id} has no live order`]
        : [],
  },
  {
    id: "orphan-shipments",
    sentence: "No parcel is on its way for an order that does not live.",
    isForWorkAtRest: true,
    judge: ({ id, order, shipment }) =>
      !isLive(order) && shipment && !shipment.isCancelled && !(shipment.isForeign && !order)
        ? [`shipment ${id} has no live order`]
        : [],
  },
  {
    id: "order-parcel",
    sentence: "Every confirmed order has a parcel.",
    isForWorkAtRest: true,
    judge: ({ id, order, shipment }) =>
      isLive(order) && order.isConfirmed && (!shipment || shipment.isCancelled)
        ? [`order ${id} is confirmed and has no parcel`]
        : [],
  },
  {
    id: "cart-bought-once",
    sentence: "A cart version becomes at most one order.",
    isForWorkAtRest: false,
    judge: ({ id, checkout }) =>
      checkout?.isCompleted && checkout.boughtTimes > 1
        ? [`the cart version of order ${id} was bought ${checkout.boughtTimes} times`]
        : [],
  },
  {
    id: "mail-once",
    sentence: "An order gets one confirmation mail, and only orders do.",
    isForWorkAtRest: true,
    judge: ({ id, order, confirmationMails: count }) => {
      const isRight = order?.isConfirmed ? count === 1 || (count === 0 && !order.isMailDue) : count === 0;
      return isRight ? [] : [`order ${id} has ${count} confirmation mails`];
    },
  },
];

function moneyFaults(file: OrderFile): string[] {
  const { id, order, charge } = file;
  const kept = (charge?.captured ?? 0n) - (charge?.refunded ?? 0n);
  if (!isLive(order)) {
    if (file.checkout?.isCompleted && !order) return [`order ${id} was acknowledged and does not exist`];
    if (kept !== 0n) return [`there is no order ${id}, and ${kept} are kept for it`];
    return charge?.isHeld ? [`there is no order ${id}, and money is held for it`] : [];
  }
  if (!isPromised(file)) return [`checkout ${id} was refused and has a live order`];
  const due = order.total - order.refunds;
  if (kept !== due || (charge && charge.currency !== order.currency)) {
    return [
      `order ${id} costs ${due} ${order.currency}, and ${kept} ${charge?.currency ?? ""} are kept for it`,
    ];
  }
  return charge?.isHeld && due > 0n ? [`order ${id} is held, not captured`] : [];
}

/** The history walked from its first line; the status it ends in. */
function historyFaults({ id, moves, status, isAbandoned }: OrderBook): string[] {
  let at = "";
  for (const move of (moves ?? "").split(",")) {
    const [from = "", to = ""] = move.split(">");
    const isLegal = isOrderStatus(from)
      ? isOrderStatus(to) && legalMoves(from).includes(to)
      : to === "pending" || (to === "cancelled" && isAbandoned);
    if (from !== at || !isLegal) return [`order ${id} went from ${from || "nothing"} to ${to || "nothing"}`];
    at = to;
  }
  return at === status ? [] : [`order ${id} is ${status}, and its history ends in ${at}`];
}

interface PaymentState {
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly statuses: readonly string[];
}

function stateFaults(order: OrderBook): string[] {
  const { id, captured, refunded, paymentStatus } = order;
  const { captured: wantedCaptured, refunded: wantedRefunded, statuses } = replayedState(order);
  const isRight =
    captured === wantedCaptured && refunded === wantedRefunded && statuses.includes(paymentStatus);
  return isRight
    ? []
    : [
        `order ${id} says ${paymentStatus}, ${captured} captured, ${refunded} refunded; its history makes ` +
          `${statuses.join(" or ")}, ${wantedCaptured} captured, ${wantedRefunded} refunded`,
      ];
}

/** What the payment of an order must be after what its history and its refunds tell. */
function replayedState({ moves, total, refunds, status, isAbandoned }: OrderBook): PaymentState {
  const isPaid = (moves ?? "").split(",").some((move) => move.endsWith(">processing"));
  const captured = isPaid ? total : 0n;
  // A cancel before the payment finds it untouched, voided or declined.
  if (!isPaid) {
    const statuses = status === "cancelled" && !isAbandoned ? ["none", "voided", "declined"] : ["none"];
    return { captured, refunded: 0n, statuses };
  }
  // Nobody knows of an abandoned order: its payment is given back by the checkout, and it is not told.
  if (isAbandoned) return { captured, refunded: 0n, statuses: ["captured"] };
  const refunded = status === "cancelled" ? captured : refunds;
  if (refunded === 0n) return { captured, refunded, statuses: ["captured"] };
  return { captured, refunded, statuses: [refunded < captured ? "partially_refunded" : "refunded"] };
}

function said(lines: string | null): string {
  return lines ? lines.replaceAll(",", ", ") : "nothing";
}
