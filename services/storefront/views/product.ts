import type { Ad, Product, Variant } from "#gen/rest/types.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { wordsOf } from "./listing.ts";
import { adView, pictureView, recommendationsView } from "./product-card.ts";
import { categoryPath } from "../paths.ts";

/** The choices of the contract's pages. */
export const quantityChoices = [1, 2, 3, 4, 5, 10] as const;

export interface ProductViewParts {
  readonly product: Product;
  readonly recommended: readonly Product[] | undefined;
  readonly ads: readonly Ad[] | undefined;
  readonly chosenId: string | null;
  /** As far as it is known. */
  readonly categoryName: string | undefined;
}

export function productView(
  look: Look,
  { product, recommended, ads, chosenId, categoryName }: ProductViewParts,
): Html {
  const { words } = look;
  const chosen = chosenVariant(product, chosenId);
  return html`<article class="wrap product">
      <div class="product-picture">${pictureView(product.imageUrl, product.name, false)}</div>
      <div class="product-text">
        <nav class="trail" aria-label="${words.text("listing.where")}">
          <a href="${categoryPath(product.category)}">${categoryName ?? wordsOf(product.category)}</a>
        </nav>
        <h1>${product.name}</h1>
        <p class="product-price" id="price" aria-live="polite">
          ${words.money(chosen?.price ?? product.price)}
        </p>
        <p class="description">${product.description}</p>
        ${buyForm(look, product, chosen)} ${attributesView(look, product)}
      </div>
    </article>
    ${recommendationsView(look, recommended) ?? ""}
    <div class="wrap">${adView(look, ads) ?? ""}</div>`;
}

/** The wanted one, else the first that can be bought. */
function chosenVariant({ variants }: Product, chosenId: string | null): Variant | undefined {
  const wanted = variants.find(({ id }) => id === chosenId);
  return wanted ?? variants.find(({ stockQuantity }) => stockQuantity > 0) ?? variants[0];
}

function buyForm(look: Look, product: Product, chosen: Variant | undefined): Html {
  const { words } = look;
  if (product.stockQuantity <= 0) return html`<p class="stock out">${words.text("product.soldOutText")}</p>`;
  return html`<form class="buy" action="/cart" method="post" data-once>
    <input type="hidden" name="product_id" value="${product.id}" />
    ${variantChoice(look, product.variants, chosen)}
    <div class="buy-row">
      <label class="quantity"
        >${words.text("product.quantity")}
        <select name="quantity">
          ${quantityChoices.map((quantity) => html`<option value="${quantity}">${quantity}</option>`)}
        </select></label
      >
      <button type="submit">${words.text("product.add")}</button>
    </div>
    <p class="stock" id="stock">${stockText(look, chosen?.stockQuantity ?? product.stockQuantity)}</p>
  </form>`;
}

function stockText({ words }: Look, stockQuantity: number): string {
  if (stockQuantity <= 0) return words.text("product.soldOut");
  if (stockQuantity > 5) return words.text("product.inStock");
  return words.text("product.left", { count: stockQuantity });
}

function variantChoice(look: Look, variants: readonly Variant[], chosen: Variant | undefined): Html {
  const { words } = look;
  if (variants.length < 2) return html`<input type="hidden" name="variant_id" value="${variants[0]?.id}" />`;
  const isOnePrice = new Set(variants.map(({ price }) => price.amount)).size === 1;
  const optionNames = [...new Set(variants.flatMap(({ options }) => Object.keys(options)))];
  const names = words.list(optionNames.map((name) => wordsOf(name).toLowerCase()));
  return html`<fieldset class="variants">
    <legend>${words.text("product.choose", { names: names || "none" })}</legend>
    ${variants.map(
      (variant) =>
        html`<label class="variant"
          ><input
            type="radio"
            name="variant_id"
            value="${variant.id}"
            data-price="${words.money(variant.price)}"
            data-stock="${stockText(look, variant.stockQuantity)}"
            ${attribute("checked", variant === chosen)}${attribute("disabled", variant.stockQuantity <= 0)}
          /><span
            >${Object.values(variant.options).join(", ") || variant.sku}${
              variant.stockQuantity <= 0
                ? html` <small>${words.text("product.variantSoldOut")}</small>`
                : isOnePrice
                  ? ""
                  : html` <small>${words.money(variant.price)}</small>`
            }</span
          ></label
        >`,
    )}
  </fieldset>`;
}

function attributesView({ words }: Look, { attributes }: Product): Html | undefined {
  const shown = Object.entries(attributes).filter(([, value]) =>
    ["string", "number", "boolean"].includes(typeof value),
  );
  if (shown.length === 0) return undefined;
  return html`<dl class="facts">
    ${shown.map(
      ([name, value]) =>
        html`<div>
          <dt>${wordsOf(name)}</dt>
          <dd>
            ${typeof value === "boolean" ? words.text(value ? "product.yes" : "product.no") : String(value)}
          </dd>
        </div>`,
    )}
  </dl>`;
}
