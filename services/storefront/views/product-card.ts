import type { Ad, Money as Price, Product } from "#gen/rest/types.ts";
import { parseDecimal } from "#platform/kit/money.ts";
import { html, safeUrl, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import type { ProductCardParts } from "./house-views.ts";
import { productPath } from "../paths.ts";

/** Cards of the first screen load their pictures at once, the others when they come into view. */
export function productGrid(look: Look, products: readonly Product[], eagerMax = 4): Html {
  return html`<ul class="grid">
    ${products.map((product, index) => look.views.productCard(look, { product, isLazy: index >= eagerMax }))}
  </ul>`;
}

export function productCardView({ words }: Look, { product, isLazy }: ProductCardParts): Html {
  const prices = new Set(product.variants.map(({ price }) => price.amount));
  const choices = product.variants.length;
  const lowest = words.money(lowestPrice(product));
  const shownPrice = prices.size > 1 ? words.text("price.from", { price: lowest }) : lowest;
  return html`<li class="card">
    <a href="${productPath(product.slug)}">
      ${pictureView(product.imageUrl, "", isLazy)}
      <span class="card-text"
        ><span class="card-name">${product.name}</span>
        <span class="card-row"
          ><span class="price">${shownPrice}</span>${
            product.stockQuantity <= 0
              ? html`<span class="tag sold-out">${words.text("product.soldOut")}</span>`
              : choices > 1
                ? html`<span class="tag">${words.text("product.choices", { count: choices })}</span>`
                : ""
          }</span
        ></span
      ></a
    >
  </li> `;
}

/** Of what can be chosen: the product's own price may be that of a variant that is gone. */
function lowestPrice({ price, variants }: Product) {
  const [first = price, ...others] = variants.map((variant) => variant.price);
  return others.reduce((low, other) => (isLess(other, low) ? other : low), first);
}

function isLess(one: Price, other: Price): boolean {
  return (
    parseDecimal(one.amount, one.currencyCode).minor < parseDecimal(other.amount, other.currencyCode).minor
  );
}

/** Pictures are square; the text beside them names what they show. */
export function pictureView(url: string, alt: string, isLazy = true): Html {
  const source = safeUrl(url);
  if (source === undefined) return html`<span class="picture no-picture" aria-hidden="true"></span>`;
  return html`<img
    class="picture"
    src="${source}"
    alt="${alt}"
    width="400"
    height="400"
    ${isLazy ? html` loading="lazy"` : ""}
    decoding="async"
  />`;
}

export function adView({ words }: Look, ads: readonly Ad[] | undefined): Html | undefined {
  const ad = ads?.[0];
  if (!ad) return undefined;
  const picture = safeUrl(ad.imageUrl);
  return html`<aside class="ad" aria-label="${words.text("ad.label")}">
    <a href="/ads/${ad.id}"
      >${
        picture === undefined
          ? ""
          : html`<img src="${picture}" alt="" width="640" height="400" loading="lazy" decoding="async" />`
      }<span class="ad-text"
        ><small>${words.text("ad.label")}</small><strong>${ad.text}</strong
        ><span class="ad-go">${words.text("ad.go")}</span></span
      ></a
    >
  </aside>`;
}

export function recommendationsView(
  look: Look,
  products: readonly Product[] | undefined,
  heading: "recommended.goesWith" | "recommended.also" = "recommended.goesWith",
): Html | undefined {
  if (!products || products.length === 0) return undefined;
  return html`<section class="wrap section">
    <h2>${look.words.text(heading)}</h2>
    ${productGrid(look, products.slice(0, 4), 0)}
  </section>`;
}
