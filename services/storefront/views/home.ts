import type { Ad, Category, ProductList } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { adView, pictureView, productGrid } from "./product-card.ts";
import { categoryPath } from "../paths.ts";

export interface HomeParts {
  readonly products: ProductList;
  readonly categories: readonly Category[];
  readonly ads: readonly Ad[] | undefined;
}

export function homeView(look: Look, parts: HomeParts): Html {
  return html`${look.views.hero(look, {})}
  ${parts.products.items.length === 0 ? emptyShopView(look) : shelvesView(look, parts)}
  ${look.views.promises(look, {})}`;
}

function shelvesView(look: Look, { products, categories, ads }: HomeParts): Html {
  const { words } = look;
  return html`<section class="wrap section" aria-labelledby="by-category">
      <h2 id="by-category">${words.text("home.byCategory")}</h2>
      <ul class="tiles">
        ${categories.map((category) => tileView(look, category, products))}
      </ul>
    </section>
    <section class="wrap section" id="products">
      <div class="section-head">
        <h2>${words.text("home.new")}</h2>
        <a href="/search?q=">${words.text("home.seeAll", { count: products.total })}</a>
      </div>
      ${productGrid(look, products.items.slice(0, beforeAd))} ${adView(look, ads) ?? ""}
      ${productGrid(look, products.items.slice(beforeAd), 0)}
    </section>`;
}

function tileView({ words }: Look, category: Category, products: ProductList): Html {
  const { slug, name, productCount } = category;
  return html`<li>
    <a href="${categoryPath(slug)}"
      >${pictureOf(category, products)}<strong>${name}</strong
      ><span>${words.text("home.productCount", { count: productCount })}</span></a
    >
  </li>`;
}

function emptyShopView({ words }: Look): Html {
  const link = (inside: Html) => html`<a href="/docs">${inside}</a>`;
  return html`<section class="wrap section" id="products">
    <div class="empty">
      <h2>${words.text("empty.heading")}</h2>
      <p>${words.rich("empty.text", { link })}</p>
    </div>
  </section>`;
}

/** Full rows at every width of the grid. */
const beforeAd = 12;

/** A category looks like its first product on the page. */
function pictureOf({ slug }: Category, products: ProductList): Html {
  const product = products.items.find(({ categories }) => categories.includes(slug));
  return pictureView(product?.imageUrl ?? "", "", false);
}
