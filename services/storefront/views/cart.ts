import type { Cart, CartItem, Product, Quote } from "#gen/rest/types.ts";
import type { FieldMessages, TypedCheckout } from "../checkout-form.ts";
import { html, type Html } from "#platform/web/html.ts";
import { isZero, priceText } from "../price.ts";
import type { Visit } from "../visit.ts";
import { checkoutFormView } from "./checkout-form.ts";
import { alertView } from "#platform/web/form.ts";
import { pictureView, recommendationsView } from "./product-card.ts";

export interface CartViewParts {
  readonly cart: Cart | undefined;
  readonly quote: Quote | undefined;
  readonly recommended: readonly Product[] | undefined;
  /** Where shipping is estimated for until an address is typed. */
  readonly country: string;
  readonly message?: string;
  readonly typed?: TypedCheckout;
  readonly messages?: FieldMessages;
}

export function cartView(visit: Visit, parts: CartViewParts): Html {
  const { cart, quote, recommended, message } = parts;
  if (!cart || cart.items.length === 0)
    return html`<section class="wrap notice">
      ${alertView(message)}
      <h1>Your cart is empty</h1>
      <p>What you put in stays here for seven days.</p>
      <p class="actions"><a class="button" href="/">Go to the shop</a></p>
    </section>`;
  return html`<div class="wrap cart">
      <h1>Your cart</h1>
      ${alertView(message)}
      <div class="cart-columns">
        <section aria-label="In the cart">
          <ul class="lines">
            ${cart.items.map((item) => lineView(item, quote))}
          </ul>
          <form action="/cart/empty" method="post">
            <button class="link" type="submit">Empty the cart</button>
          </form>
          ${totalsView(cart, quote, parts.typed !== undefined)}
        </section>
        ${checkoutFormView(visit, { ...parts, cart })}
      </div>
    </div>
    ${recommendationsView(recommended, "You may also like") ?? ""}`;
}

function lineView(item: CartItem, quote: Quote | undefined): Html {
  const { productId, variantId, name, imageUrl, quantity } = item;
  const priced = quote?.items.find((other) => other.variantId === variantId) ?? item;
  return html`<li class="line">
    <a class="line-picture" href="/product/${productId}?variant=${variantId}" tabindex="-1" aria-hidden="true"
      >${pictureView(imageUrl, "")}</a
    >
    <div class="line-text">
      <a href="/product/${productId}?variant=${variantId}">${name}</a
      ><span class="muted">${priceText(priced.unitPrice)} each</span>
      <form class="line-form" action="/cart/items" method="post">
        <input type="hidden" name="product_id" value="${productId}" /><input
          type="hidden"
          name="variant_id"
          value="${variantId}"
        />
        <label class="hidden" for="n-${variantId}">Quantity of ${name}</label
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
        />
        <button class="quiet" type="submit">Update</button
        ><button class="link" type="submit" name="remove" value="1" formnovalidate>Remove</button>
      </form>
    </div>
    <strong class="line-price">${priceText(priced.subtotal)}</strong>
  </li>`;
}

function totalsView(cart: Cart, quote: Quote | undefined, isForTypedAddress: boolean): Html {
  if (!quote)
    return html`<dl class="totals">
      <div>
        <dt>Subtotal</dt>
        <dd>${priceText(cart.subtotal)}</dd>
      </div>
      <div>
        <dt>Shipping</dt>
        <dd>with your address</dd>
      </div>
    </dl>`;
  const { subtotal, discount, shippingCost, tax, total } = quote;
  return html`<dl class="totals">
    <div>
      <dt>Subtotal</dt>
      <dd>${priceText(subtotal)}</dd>
    </div>
    ${
      isZero(discount)
        ? ""
        : html`<div>
            <dt>Discount</dt>
            <dd>−${priceText(discount)}</dd>
          </div>`
    }
    <div>
      <dt>Shipping${isForTypedAddress ? "" : " (estimate)"}</dt>
      <dd>${isZero(shippingCost) ? "Free" : priceText(shippingCost)}</dd>
    </div>
    ${
      isZero(tax)
        ? ""
        : html`<div>
            <dt>Tax</dt>
            <dd>${priceText(tax)}</dd>
          </div>`
    }
    <div class="total">
      <dt>Total</dt>
      <dd>${priceText(total)}</dd>
    </div>
  </dl>`;
}
