// Everything the books of all services say about one order, checkout or attempt: they share one id.

/** The attempt to buy. */
export interface CheckoutBook {
  readonly id: string;
  readonly paymentId: string;
  readonly isCompleted: boolean;
  readonly isAtRest: boolean;
  /** What was quoted and bought, one `variant product quantity price` each, in order; null when nobody keeps it any more. */
  readonly lines: string | null;
  /** How many completed checkouts share its cart version. */
  readonly boughtTimes: number;
}

/** The order itself, with its items, history and refunds in one snapshot. */
export interface OrderBook {
  readonly id: string;
  readonly status: string;
  readonly isAbandoned: boolean;
  readonly isConfirmed: boolean;
  /** Its confirmation mail must have been written by now. */
  readonly isMailDue: boolean;
  readonly isAtRest: boolean;
  readonly paymentId: string | null;
  readonly paymentStatus: string;
  readonly currency: string;
  readonly subtotal: bigint;
  readonly discount: bigint;
  readonly shipping: bigint;
  readonly tax: bigint;
  readonly total: bigint;
  readonly captured: bigint;
  readonly refunded: bigint;
  /** As in the checkout. Null without items. */
  readonly lines: string | null;
  /** One `variant quantity` each, summed by variant, in order. */
  readonly goods: string | null;
  readonly linesTotal: bigint;
  /** One `from>to` each, in order of the history. */
  readonly moves: string | null;
  /** Sum of the refunds that are done, without what a cancel gave back. */
  readonly refunds: bigint;
}

/** Stock that was set aside, sold or given back under the order's id. */
export interface StockBook {
  readonly id: string;
  /** Null when there is no reservation. */
  readonly status: string | null;
  readonly isAtRest: boolean;
  /** As in the order. */
  readonly goods: string | null;
  /** What left the stock and did not come back, by the stock ledger; as in the order. */
  readonly gone: string | null;
}

/** What the payment provider has for it. */
export interface ChargeBook {
  readonly key: string;
  readonly isHeld: boolean;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly currency: string | null;
}

export interface ShipmentBook {
  readonly id: string;
  readonly isCancelled: boolean;
  /** Asked for by the public contract, which knows no orders of ours. */
  readonly isForeign: boolean;
  readonly isAtRest: boolean;
}

export interface OrderFile {
  readonly id: string;
  readonly isAtRest: boolean;
  readonly checkout: CheckoutBook | undefined;
  readonly order: OrderBook | undefined;
  readonly stock: StockBook | undefined;
  readonly charge: ChargeBook | undefined;
  readonly shipment: ShipmentBook | undefined;
  readonly confirmationMails: number;
  /** The product that each variant of the order belongs to. */
  readonly productOf: ReadonlyMap<string, string>;
}

export interface Line {
  readonly variantId: string;
  readonly productId: string;
  readonly quantity: string;
}

/** The lines of a book as they were before they became one text. */
export function parseLines(text: string | null): Line[] {
  if (text === null || text === "") return [];
  return text.split(",").map((line) => {
    const [variantId = "", productId = "", quantity = ""] = line.split(" ");
    return { variantId, productId, quantity };
  });
}
