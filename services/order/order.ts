export const orderStatuses = ["pending", "processing", "shipped", "delivered", "cancelled"] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** Every legal move there is. */
const nextStatuses: { readonly [from in OrderStatus]: readonly OrderStatus[] } = {
  pending: ["processing", "cancelled"],
  processing: ["shipped", "cancelled"],
  shipped: ["delivered"],
  delivered: [],
  cancelled: [],
};

export function legalMoves(from: OrderStatus): readonly OrderStatus[] {
  return nextStatuses[from];
}

/** The statuses from which a move to `to` is legal. */
export function sourcesOf(to: OrderStatus): readonly OrderStatus[] {
  return orderStatuses.filter((from) => nextStatuses[from].includes(to));
}

export function isOrderStatus(text: string): text is OrderStatus {
  return (orderStatuses as readonly string[]).includes(text);
}

export interface OrderItem {
  readonly id: string;
  readonly productId: string;
  readonly variantId: string;
  readonly productCode: string;
  readonly name: string;
  readonly quantity: number;
  readonly priceMinor: bigint;
  readonly subtotalMinor: bigint;
}

/** An order as it is written once; none of it ever changes. */
export interface NewOrder {
  readonly id: string;
  readonly orderNumber: string;
  readonly userId: string;
  readonly email: string;
  readonly currency: string;
  readonly items: readonly OrderItem[];
  readonly subtotalMinor: bigint;
  readonly discountMinor: bigint;
  readonly shippingMinor: bigint;
  readonly taxMinor: bigint;
  readonly totalMinor: bigint;
  readonly shippingAddress: ShippingAddress;
  readonly shippingMethodCode: string;
  /** As it was called when the order was placed. */
  readonly shippingMethodName: string;
  readonly rateSnapshotId: string;
  readonly paymentId: string | null;
}

export interface ShippingAddress {
  readonly fullName: string;
  readonly line1: string;
  readonly line2: string;
  readonly city: string;
  readonly region: string;
  readonly postalCode: string;
  readonly country: string;
  readonly freeText: boolean;
}

/** An order as it is now. */
export interface Order extends NewOrder {
  readonly status: OrderStatus;
  readonly trackingNumber: string | null;
  readonly paymentStatus: string;
  readonly paymentBrand: string;
  readonly paymentLast4: string;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly isConfirmed: boolean;
  readonly isAbandoned: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface OrderRefund {
  readonly refundId: string;
  readonly orderId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly reason: string;
  readonly actor: string;
  readonly status: "pending" | "done" | "refused";
  readonly createdAt: Date;
  /** Null while it is pending. */
  readonly settledAt: Date | null;
}

export interface HistoryEntry {
  readonly fromStatus: OrderStatus | null;
  readonly toStatus: OrderStatus;
  readonly actor: string;
  readonly reason: string;
  readonly at: Date;
  /** Where no status moved, but money was given back. */
  readonly refundedMinor?: bigint;
}

/** The moves and what was given back, as it happened. */
export function withRefunds(moves: readonly HistoryEntry[], refunds: readonly OrderRefund[]): HistoryEntry[] {
  const given = refunds
    .filter(({ status }) => status === "done")
    .map((refund) => ({ ...refund, at: refund.settledAt ?? refund.createdAt }))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  const history: HistoryEntry[] = [];
  let status: OrderStatus | null = null;
  const noteUntil = (until: Date | undefined) => {
    while (given[0] && (until === undefined || given[0].at < until)) {
      const [{ actor, reason, at, amountMinor }] = given.splice(0, 1) as [(typeof given)[number]];
      const toStatus = status ?? "pending";
      history.push({ fromStatus: status, toStatus, actor, reason, at, refundedMinor: amountMinor });
    }
  };
  for (const move of moves) {
    noteUntil(move.at);
    history.push(move);
    status = move.toStatus;
  }
  noteUntil(undefined);
  return history;
}

type Sums = Pick<Order, "status" | "totalMinor" | "capturedMinor" | "refundedMinor">;

/** What remains of the total; of an order that was cancelled, only what was paid can remain. */
export function netMinorOf({ status, totalMinor, capturedMinor, refundedMinor }: Sums): bigint {
  return (status === "cancelled" ? capturedMinor : totalMinor) - refundedMinor;
}

/** Crockford's base 32: no letter that reads like a digit. 10 of them are 50 bits, so that nobody meets another's by counting. */
export const orderNumberAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const orderNumberLength = 10;

/** S-7K3M… in any casing, with the letters that people mistake read as the digits they meant; undefined for anything else. */
export function parseOrderNumber(text: string): string | undefined {
  const match = /^S-([0-9A-Z]{10})$/.exec(text.toUpperCase());
  const digits = match?.[1]?.replaceAll("O", "0").replace(/[IL]/g, "1");
  return digits === undefined || digits.includes("U") ? undefined : `S-${digits}`;
}
