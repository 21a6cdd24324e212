import type { CartItem } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import type { CartViewParts } from "./cart.ts";
import { pictureView } from "./product-card.ts";

/** One line of the cart, and what is wrong with it. */
export function lineView(look: Look, item: CartItem, { quote, shortages }: CartViewParts): Html {
  const { words } = look;
  const { productId, variantId, name, imageUrl, availability } = item;
  const priced = quote?.items.find((other) => other.variantId === variantId) ?? item;
  const left = shortages.get(variantId);
  const isGone = availability === "gone";
  const path = `/product/${productId}?variant=${variantId}`;
  const picture = pictureView(imageUrl, "");
  return html`<li class="line">
    ${
      isGone
        ? html`<span class="line-picture">${picture}</span>`
        : html`<a class="line-picture" href="${path}" tabindex="-1" aria-hidden="true">${picture}</a>`
    }
    <div class="line-text">
      ${isGone ? html`<strong>${name}</strong>` : html`<a href="${path}">${name}</a>`}
      <span class="muted">${words.text("cart.each", { price: words.money(priced.unitPrice) })}</span>
      ${
        left === undefined
          ? ""
          : html`<p class="message" id="m-${variantId}">
              ${isGone ? words.text("cart.gone") : words.text("cart.short", { count: left })}
            </p>`
      }
      <form class="line-form" action="/cart/items" method="post">
        <input type="hidden" name="product_id" value="${productId}" />
        <input type="hidden" name="variant_id" value="${variantId}" />
        ${left === 0 ? "" : quantityView(look, item, left)}
        <button class="link" type="submit" name="remove" value="1" formnovalidate>
          ${words.text("cart.remove")}
        </button>
      </form>
    </div>
    <strong class="line-price">${words.money(priced.subtotal)}</strong>
  </li>`;
}

/** Never more than there is; `left` is set when the cart holds more. */
function quantityView({ words }: Look, item: CartItem, left: number | undefined): Html {
  const { variantId, name, quantity, availableQuantity } = item;
  const most = Math.min(99, left ?? Math.max(availableQuantity, quantity));
  return html`<label class="hidden" for="n-${variantId}">${words.text("cart.quantity", { name })}</label
    ><input
      id="n-${variantId}"
      class="count"
      name="quantity"
      type="number"
      min="0"
      max="${most}"
      value="${Math.min(quantity, most)}"
      inputmode="numeric"
      data-stepper
      data-less="${words.text("cart.less")}"
      data-more="${words.text("cart.more")}"
      ${left === undefined ? "" : html` aria-invalid="true" aria-describedby="m-${variantId}"`}
    />
    ${
      left === undefined
        ? html`<button class="quiet" type="submit">${words.text("cart.update")}</button>`
        : html`<button class="quiet" type="submit" data-keep>
            ${words.text("cart.take", { count: left })}
          </button>`
    }`;
}
