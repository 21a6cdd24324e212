import type { Ad, Product, Variant } from "#gen/rest/types.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { isZero } from "../price.ts";
import type { Delivery } from "../delivery.ts";
import { wordsOf } from "./listing.ts";
import { methodName } from "./shipping-methods.ts";
import { adView, pictureView, recommendationsView } from "./product-card.ts";
import { categoryPath, productPath } from "../paths.ts";

/** The choices of the contract's pages, as far as there are so many. */
const quantityChoices = [1, 2, 3, 4, 5, 10] as const;

export interface ProductViewParts {
  readonly product: Product;
  readonly recommended: readonly Product[] | undefined;
  readonly ads: readonly Ad[] | undefined;
  /** As far as it is known. */
  readonly categoryName: string | undefined;
  /** The variant that is shown; it may be sold out. */
  readonly chosen: Variant | undefined;
  /** How soon it can be there, if that is known. */
  readonly delivery: Delivery | undefined;
}

export function productView(look: Look, parts: ProductViewParts): Html {
  const { words, url } = look;
  const { product, recommended, ads, chosen, categoryName } = parts;
  return html`<article class="wrap product">
      <div class="product-picture" data-part="picture">
        ${pictureView(product.imageUrl, product.name, false)}
      </div>
      <div class="product-text">
        <nav class="trail" aria-label="${words.text("listing.where")}">
          <a href="${categoryPath(product.category)}">${categoryName ?? wordsOf(product.category)}</a>
        </nav>
        <h1>${product.name}</h1>
        <p class="product-price" id="price" data-part="price" aria-live="polite">
          ${words.money(chosen?.price ?? product.price)}
        </p>
        <p class="description">${product.description}</p>
        ${buyForm(look, parts)} ${attributesView(look, product, chosen)}
      </div>
    </article>
    ${recommendationsView(look, recommended) ?? ""}
    <div class="wrap">${adView(look, ads) ?? ""}</div>
    ${product.variants.length > 1 ? html`<script src="${url("variants.js")}" defer></script>` : ""}`;
}

/** The wanted one, else the first that can be bought. */
export function chosenVariant({ variants }: Product, chosenId: string | null): Variant | undefined {
  const wanted = variants.find(({ id }) => id === chosenId);
  return wanted ?? variants.find(({ stockQuantity }) => stockQuantity > 0) ?? variants[0];
}

function buyForm(look: Look, { product, chosen, delivery }: ProductViewParts): Html {
  const { words } = look;
  if (product.stockQuantity <= 0) return html`<p class="stock out">${words.text("product.soldOutText")}</p>`;
  const left = chosen?.stockQuantity ?? product.stockQuantity;
  return html`<form class="buy" action="/cart" method="post" data-once>
    <input type="hidden" name="product_id" value="${product.id}" />
    ${variantChoice(look, product, chosen)}
    <div class="buy-row" data-part="buy">
      ${
        left > 0
          ? html`<label class="quantity"
                >${words.text("product.quantity")}
                <select name="quantity">
                  ${quantityChoices
                    .filter((quantity) => quantity <= left)
                    .map((quantity) => html`<option value="${quantity}">${quantity}</option>`)}
                </select></label
              >
              <button type="submit">${words.text("product.add")}</button>`
          : ""
      }
    </div>
    <p
      class="stock ${left > 0 ? (left > 5 ? "" : "low") : "out"}"
      id="stock"
      data-part="stock"
      aria-live="polite"
    >
      ${stockText(look, left)}
    </p>
    ${deliveryView(look, delivery)}
  </form>`;
}

/** As the shipping rates say it; nothing is promised that they do not. */
function deliveryView({ words }: Look, delivery: Delivery | undefined): Html {
  if (!delivery) return html`<div data-part="delivery"></div>`;
  const { country, methods } = delivery;
  return html`<div class="delivery" data-part="delivery">
    <p>${words.text("product.delivery", { country: words.country(country) })}</p>
    <ul>
      ${methods.map(
        ({ code, name, cost, estimatedDays: days }) =>
          html`<li>
            ${methodName(words, code, name)}: ${words.text("delivery.days", { days })},
            ${isZero(cost) ? words.text("totals.free") : words.money(cost)}
          </li>`,
      )}
    </ul>
  </div>`;
}

function stockText({ words }: Look, stockQuantity: number): string {
  if (stockQuantity <= 0) return words.text("product.soldOut");
  if (stockQuantity > 5) return words.text("product.inStock");
  return words.text("product.left", { count: stockQuantity });
}

function variantChoice(look: Look, { slug, variants }: Product, chosen: Variant | undefined): Html {
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
              >${variantName(variant)}${
                variant.stockQuantity <= 0
                  ? html` <small>${words.text("product.variantSoldOut")}</small>`
                  : isOnePrice
                    ? ""
                    : html` <small>${words.money(variant.price)}</small>`
              }</span
            ></label
          >`,
      )}
    </fieldset>
    <noscript>
      <p class="small">
        ${words.text("product.lookAt")}
        ${variants.map(
          (variant) =>
            html`<a
              href="${productPath(slug)}?variant=${variant.id}"
              ${variant === chosen ? html` aria-current="true"` : ""}
              >${variantName(variant)}</a
            > `,
        )}
      </p>
    </noscript>`;
}

function variantName({ options, sku }: Variant): string {
  return Object.values(options).join(", ") || sku;
}

/** What is true of the chosen variant goes before what is said of the whole product. */
function factsOf({ attributes }: Product, chosen: Variant | undefined): [name: string, value: unknown][] {
  const options = Object.entries(chosen?.options ?? {});
  const isOption = (name: string) => options.some(([option]) => option.toLowerCase() === name.toLowerCase());
  const facts = Object.entries(attributes).filter(
    ([name, value]) => ["string", "number", "boolean"].includes(typeof value) && !isOption(name),
  );
  return [...options, ...facts];
}

function attributesView({ words }: Look, product: Product, chosen: Variant | undefined): Html {
  const facts = factsOf(product, chosen);
  if (facts.length === 0) return html`<div data-part="facts"></div>`;
  return html`<dl class="facts" data-part="facts">
    ${facts.map(
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
