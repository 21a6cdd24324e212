// What extensions may add to checkout.
import { definePoint } from "#platform/kit/extension.ts";
import type { Rules } from "./pricing.ts";

export type { DiscountRule, TaxRule } from "./pricing.ts";

/** Discount and tax rules that hold beside those of others. Amounts are in the currency of the lines they are given. */
export const pricingRules = definePoint<Partial<Rules>>("checkout.rules");
