import type { Cart, PaymentMethod, Product, Quote } from "#gen/rest/types.ts";
import { alertView, type WrongField } from "#platform/web/form.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { FieldMessages, TypedCheckout } from "../checkout-form.ts";
import type { Look } from "../look.ts";
import type { Shortages } from "../shortages.ts";
import { lineView } from "./cart-line.ts";
import { checkoutFormView, wrongFields } from "./checkout-form.ts";
import { recommendationsView } from "./product-card.ts";
import { totalsView, totalView } from "./totals.ts";

export interface CartViewParts {
  readonly cart: Cart | undefined;
  readonly quote?: Quote;
  readonly recommended: readonly Product[] | undefined;
  /** Where shipping is asked for. */
  readonly country: string;
  /** What shipping costs is for an address, not only for its country. */
  readonly isForAddress: boolean;
  /** The first year a card may end in. */
  readonly year: number;
  /** How buyers pay; undefined while nobody can say. */
  readonly method: PaymentMethod | undefined;
  /** Buyers may pay in the provider's element on a page of ours. */
  readonly hasElement: boolean;
  readonly shortages: Shortages;
  /** What sending it costs cannot be had. */
  readonly isUnpriced?: boolean;
  /** The shop takes orders. */
  readonly isOpen: boolean;
  readonly message?: string;
  readonly typed?: TypedCheckout;
  readonly messages?: FieldMessages;
}

export function cartView(look: Look, parts: CartViewParts): Html {
  const { words, url } = look;
  const { cart, recommended, message } = parts;
  if (!cart || cart.items.length === 0)
    return html`<section class="wrap notice">
      ${alertView(message)}
      <h1>${words.text("cart.none.heading")}</h1>
      ${cart?.notice ? html`<p class="alert info" role="status">${words.rich("cart.lost", { time: words.time(cart.notice.at) })}</p>` : ""}
      <p>${words.text("cart.none.text")}</p>
      <p class="actions"><a class="button" href="/">${words.text("refusal.toShop")}</a></p>
    </section>`;
  const wrong: readonly WrongField[] = wrongFields(words, parts.messages);
  return html`<div class="wrap cart">
      <h1>${words.text("cart.heading")}</h1>
      ${alertView(message, wrong)}
      <div class="cart-columns">
        <section aria-label="${words.text("cart.items")}">
          <ul class="lines">
            ${cart.items.map((item) => lineView(look, item, parts))}
          </ul>
          <p><a class="button link" href="/cart/empty">${words.text("cart.empty")}</a></p>
          ${cartTotalsView(look, cart, parts)}
        </section>
        ${parts.isOpen ? checkoutFormView(look, { ...parts, cart }) : closedView(look)}
      </div>
    </div>
    ${recommendationsView(look, recommended, "recommended.also") ?? ""}
    <script src="${url("checkout.js")}" defer></script>`;
}

function closedView({ words }: Look): Html {
  return html`<section class="panel">
    <p class="alert info" role="status">${words.text("problem.CHECKOUT_DISABLED")}</p>
  </section>`;
}

function cartTotalsView(look: Look, cart: Cart, { quote, isForAddress, isUnpriced }: CartViewParts): Html {
  const { words } = look;
  if (quote) return totalsView(look, quote, isForAddress ? "totals.shipping" : "totals.estimate");
  return html`<dl class="totals">
    ${totalView(words.text("totals.subtotal"), words.money(cart.subtotal))}
    ${totalView(words.text("totals.shipping"), words.text(isUnpriced ? "lacking.estimate" : "totals.later"))}
  </dl>`;
}

/** Asks before a whole cart is thrown away. */
export function emptyCartView({ words }: Look, count: number): Html {
  return html`<section class="wrap notice">
    <h1>${words.text("cart.emptyAsk.heading")}</h1>
    <p>${words.text("cart.emptyAsk.text", { count })}</p>
    <form class="actions" action="/cart/empty" method="post" data-once>
      <button class="danger" type="submit">${words.text("cart.empty")}</button
      ><a class="button quiet" href="/cart">${words.text("cart.keep")}</a>
    </form>
  </section>`;
}
