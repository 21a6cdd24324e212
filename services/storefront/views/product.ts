import type { Ad, Product, Variant } from "#gen/rest/types.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import { priceText } from "../price.ts";
import type { Visit } from "../visit.ts";
import { wordsOf } from "./listing.ts";
import { adView, pictureView, recommendationsView } from "./product-card.ts";

/** The choices of the contract's pages. */
export const quantityChoices = [1, 2, 3, 4, 5, 10] as const;

export interface ProductViewParts {
  readonly product: Product;
  readonly recommended: readonly Product[] | undefined;
  readonly ads: readonly Ad[] | undefined;
  readonly chosenId: string | null;
}

export function productView(visit: Visit, { product, recommended, ads, chosenId }: ProductViewParts): Html {
  const chosen = chosenVariant(product, chosenId);
  return html`<article class="wrap product">
      <div class="product-picture">${pictureView(product.imageUrl, product.name, false)}</div>
      <div class="product-text">
        <nav class="trail" aria-label="Where you are">
          <a href="/category/${product.category}">${wordsOf(product.category)}</a>
        </nav>
        <h1>${product.name}</h1>
        <p class="product-price" id="price" aria-live="polite">
          ${priceText(chosen?.price ?? product.price)}
        </p>
        <p class="description">${product.description}</p>
        ${buyForm(product, chosen)} ${attributesView(product)}
      </div>
    </article>
    ${recommendationsView(recommended) ?? ""}
    <div class="wrap">${adView(ads) ?? ""}</div>`;
}

/** The wanted one, else the first that can be bought. */
function chosenVariant({ variants }: Product, chosenId: string | null): Variant | undefined {
  const wanted = variants.find(({ id }) => id === chosenId);
  return wanted ?? variants.find(({ stockQuantity }) => stockQuantity > 0) ?? variants[0];
}

function buyForm(product: Product, chosen: Variant | undefined): Html {
  if (product.stockQuantity <= 0)
    return html`<p class="stock out">Sold out. We are sorry; please look again in a few days.</p>`;
  return html`<form class="buy" action="/cart" method="post" data-once>
    <input type="hidden" name="product_id" value="${product.id}" />
    ${variantChoice(product.variants, chosen)}
    <div class="buy-row">
      <label class="quantity"
        >Quantity
        <select name="quantity">
          ${quantityChoices.map((quantity) => html`<option value="${quantity}">${quantity}</option>`)}
        </select></label
      >
      <button type="submit">Add to cart</button>
    </div>
    <p class="stock" id="stock">${stockText(chosen?.stockQuantity ?? product.stockQuantity)}</p>
  </form>`;
}

function stockText(stockQuantity: number): string {
  if (stockQuantity <= 0) return "Sold out";
  return stockQuantity <= 5 ? `Only ${stockQuantity} left` : "In stock, sent within a day";
}

function variantChoice(variants: readonly Variant[], chosen: Variant | undefined): Html {
  if (variants.length < 2) return html`<input type="hidden" name="variant_id" value="${variants[0]?.id}" />`;
  const isOnePrice = new Set(variants.map(({ price }) => price.amount)).size === 1;
  const names = [...new Set(variants.flatMap(({ options }) => Object.keys(options)))];
  return html`<fieldset class="variants">
    <legend>Choose ${names.map((name) => wordsOf(name).toLowerCase()).join(" and ") || "one"}</legend>
    ${variants.map(
      (variant) =>
        html`<label class="variant"
          ><input
            type="radio"
            name="variant_id"
            value="${variant.id}"
            data-price="${priceText(variant.price)}"
            data-stock="${stockText(variant.stockQuantity)}"
            ${attribute("checked", variant === chosen)}${attribute("disabled", variant.stockQuantity <= 0)}
          /><span
            >${Object.values(variant.options).join(", ") || variant.sku}${
              variant.stockQuantity <= 0
                ? html` <small>sold out</small>`
                : isOnePrice
                  ? ""
                  : html` <small>${priceText(variant.price)}</small>`
            }</span
          ></label
        >`,
    )}
  </fieldset>`;
}

function attributesView({ attributes }: Product): Html | undefined {
  const shown = Object.entries(attributes).filter(([, value]) =>
    ["string", "number", "boolean"].includes(typeof value),
  );
  if (shown.length === 0) return undefined;
  return html`<dl class="facts">
    ${shown.map(
      ([name, value]) =>
        html`<div>
          <dt>${wordsOf(name)}</dt>
          <dd>${value === true ? "Yes" : value === false ? "No" : String(value)}</dd>
        </div>`,
    )}
  </dl>`;
}
