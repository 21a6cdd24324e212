// The tax port: whoever knows what is owed for a purchase.
import { definePort } from "#platform/kit/extension.ts";
import type { Money } from "#platform/kit/money.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import type { PricedLine } from "./pricing.ts";
import type { ShippingAddress } from "./purchase.ts";

/** A purchase before tax. All amounts are in `currencyCode`, the currency the buyer pays in. */
export interface TaxedPurchase {
  readonly currencyCode: string;
  readonly lines: readonly PricedLine[];
  /** What is taken off the lines together; never more than they cost. */
  readonly discount: Money;
  readonly shippingCost: Money;
  readonly address: ShippingAddress;
}

/**
 * Answers the tax that comes on top of a purchase, in its currency and not negative. Asked for every quote and again before every
 * order, so the same purchase must give the same answer: a changed one is shown to the buyer as a changed quote. It moves no money
 * and promises nothing to anybody; a failure refuses the quote or the order before anything has happened.
 */
export interface TaxProvider {
  taxOf(purchase: TaxedPurchase, call: CallOptions): Promise<Money>;
}

export const taxPort = definePort<TaxProvider>("tax");
