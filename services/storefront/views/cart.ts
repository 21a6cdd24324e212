import type { Cart, CartItem, PaymentMethod, Product, Quote } from "#gen/rest/types.ts";
import type { FieldMessages, TypedCheckout } from "../checkout-form.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { checkoutFormView } from "./checkout-form.ts";
import { alertView } from "#platform/web/form.ts";
import { totalsView, totalView } from "./totals.ts";
import { pictureView, recommendationsView } from "./product-card.ts";

export interface CartViewParts {
  readonly cart: Cart | undefined;
  readonly quote: Quote | undefined;
  readonly recommended: readonly Product[] | undefined;
  /** Where shipping is estimated for until an address is typed. */
  readonly country: string;
  /** The first year a card may end in. */
  readonly year: number;
  /** How buyers pay; undefined while nobody can say. */
  readonly method: PaymentMethod | undefined;
  /** Buyers may pay in the provider's element on a page of ours. */
  readonly hasElement: boolean;
  readonly message?: string;
  readonly typed?: TypedCheckout;
  readonly messages?: FieldMessages;
}

export function cartView(look: Look, parts: CartViewParts): Html {
  const { words } = look;
  const { cart, quote, recommended, message } = parts;
  if (!cart || cart.items.length === 0)
    return html`<section class="wrap notice">
      ${alertView(message)}
      <h1>${words.text("cart.none.heading")}</h1>
      <p>${words.text("cart.none.text")}</p>
      <p class="actions"><a class="button" href="/">${words.text("refusal.toShop")}</a></p>
    </section>`;
  return html`<div class="wrap cart">
      <h1>${words.text("cart.heading")}</h1>
      ${alertView(message)}
      <div class="cart-columns">
        <section aria-label="${words.text("cart.items")}">
          <ul class="lines">
            ${cart.items.map((item) => lineView(look, item, quote))}
          </ul>
          <form action="/cart/empty" method="post">
            <button class="link" type="submit">${words.text("cart.empty")}</button>
          </form>
          ${cartTotalsView(look, cart, quote, parts.typed !== undefined)}
        </section>
        ${checkoutFormView(look, { ...parts, cart })}
      </div>
    </div>
    ${recommendationsView(look, recommended, "recommended.also") ?? ""}`;
}

function lineView({ words }: Look, item: CartItem, quote: Quote | undefined): Html {
  const { productId, variantId, name, imageUrl, quantity } = item;
  const priced = quote?.items.find((other) => other.variantId === variantId) ?? item;
  return html`<li class="line">
    <a class="line-picture" href="/product/${productId}?variant=${variantId}" tabindex="-1" aria-hidden="true"
      >${pictureView(imageUrl, "")}</a
    >
    <div class="line-text">
      <a href="/product/${productId}?variant=${variantId}">${name}</a
      ><span class="muted">${words.text("cart.each", { price: words.money(priced.unitPrice) })}</span>
      <form class="line-form" action="/cart/items" method="post">
        <input type="hidden" name="product_id" value="${productId}" /><input
          type="hidden"
          name="variant_id"
          value="${variantId}"
        />
        <label class="hidden" for="n-${variantId}">${words.text("cart.quantity", { name })}</label
        ><input
          id="n-${variantId}"
          class="count"
          name="quantity"
          type="number"
          min="0"
          max="99"
          value="${quantity}"
          inputmode="numeric"
          data-stepper
          data-less="${words.text("cart.less")}"
          data-more="${words.text("cart.more")}"
        />
        <button class="quiet" type="submit">${words.text("cart.update")}</button
        ><button class="link" type="submit" name="remove" value="1" formnovalidate>
          ${words.text("cart.remove")}
        </button>
      </form>
    </div>
    <strong class="line-price">${words.money(priced.subtotal)}</strong>
  </li>`;
}

function cartTotalsView(look: Look, cart: Cart, quote: Quote | undefined, isForTypedAddress: boolean): Html {
  const { words } = look;
  if (quote) return totalsView(look, quote, isForTypedAddress ? "totals.shipping" : "totals.estimate");
  return html`<dl class="totals">
    ${totalView(words.text("totals.subtotal"), words.money(cart.subtotal))}
    ${totalView(words.text("totals.shipping"), words.text("totals.later"))}
  </dl>`;
}
