// What extensions may add to the storefront.
import { definePoint } from "#platform/kit/extension.ts";

/**
 * How buyers pay on our page at a payment provider: on the page of a pending order the script finds the form
 * `form[data-payment=<provider>]` with `data-key`, `data-secret`, `data-return`, `data-locale`, `data-unreachable`, a place
 * `[data-payment-place]`, an alert `[data-payment-alert]` and a hidden button, opens the provider's element there, and pays.
 */
export interface PaymentForm {
  /** As GET /api/payments/method says it. */
  readonly provider: string;
  /** A folder whose files are answered below /static/. */
  readonly files: URL;
  /** Which of them is loaded on the page. */
  readonly script: string;
  /** The provider's own script, loaded before. */
  readonly remoteScript: string;
  /** What the page may load, frame and ask beside its own origin; no other page may. */
  readonly scriptSources: readonly string[];
  readonly frameSources: readonly string[];
  readonly connectSources: readonly string[];
}

export const paymentForms = definePoint<PaymentForm>("storefront.paymentForms");
