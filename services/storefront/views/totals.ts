import type { Money } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { isZero } from "../price.ts";

export interface Sums {
  readonly subtotal: Money;
  readonly discount: Money;
  readonly shippingCost: Money;
  readonly tax: Money;
  readonly total: Money;
}

/** From subtotal to total, in the order in which they are computed; what is nothing is left out, but free shipping is said. */
export function totalsView(
  { words }: Look,
  { subtotal, discount, shippingCost, tax, total }: Sums,
  shipping: "totals.shipping" | "totals.estimate" = "totals.shipping",
): Html {
  return html`<dl class="totals">
    ${totalView(words.text("totals.subtotal"), words.money(subtotal))}
    ${isZero(discount) ? "" : totalView(words.text("totals.discount"), `−${words.money(discount)}`)}
    ${totalView(words.text(shipping), isZero(shippingCost) ? words.text("totals.free") : words.money(shippingCost))}
    ${isZero(tax) ? "" : totalView(words.text("totals.tax"), words.money(tax))}
    <div class="total">
      <dt>${words.text("totals.total")}</dt>
      <dd>${words.money(total)}</dd>
    </div>
  </dl>`;
}

export function totalView(label: string, amount: string): Html {
  return html`<div>
    <dt>${label}</dt>
    <dd>${amount}</dd>
  </div>`;
}
