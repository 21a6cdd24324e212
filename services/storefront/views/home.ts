import type { Ad, Category, ProductList } from "#gen/rest/types.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { Visit } from "../visit.ts";
import { adView, pictureView, productGrid } from "./product-card.ts";

export function homeView(
  visit: Visit,
  products: ProductList,
  categories: readonly Category[],
  ads: readonly Ad[] | undefined,
): Html {
  return html`<section class="hero">
      <img
        src="${visit.ctx.files.url("img/hero.svg")}"
        alt=""
        width="1600"
        height="640"
        fetchpriority="high"
      />
      <div class="wrap hero-text">
        <h1>Good things, under&nbsp;one&nbsp;roof</h1>
        <p>Made to last, fairly priced, and on the way to you tomorrow.</p>
        <a class="button" href="#products">See what is new</a>
      </div>
    </section>
    ${products.items.length === 0 ? emptyShopView() : shelvesView(products, categories, ads)}
    <section class="wrap promises" aria-label="What we promise">
      <ul>
        <li>
          <strong>One fair price</strong><span>Shipping and tax stand in the cart before you pay.</span>
        </li>
        <li>
          <strong>Charged once</strong><span>Press twice, reload, lose the line: it stays one order.</span>
        </li>
        <li>
          <strong>Really in stock</strong><span>What you can order is on the shelf and kept for you.</span>
        </li>
      </ul>
    </section>`;
}

function shelvesView(
  products: ProductList,
  categories: readonly Category[],
  ads: readonly Ad[] | undefined,
): Html {
  return html`<section class="wrap section" aria-labelledby="by-category">
      <h2 id="by-category">Find your way</h2>
      <ul class="tiles">
        ${categories.map((category) => tileView(category, products))}
      </ul>
    </section>
    <section class="wrap section" id="products">
      <div class="section-head">
        <h2>New in the shop</h2>
        <a href="/search?q=">See all ${products.total}</a>
      </div>
      ${productGrid(products.items.slice(0, beforeAd))} ${adView(ads) ?? ""}
      ${productGrid(products.items.slice(beforeAd), 0)}
    </section>`;
}

function tileView(category: Category, products: ProductList): Html {
  const { slug, name, productCount } = category;
  return html`<li>
    <a href="/category/${slug}"
      >${pictureOf(category, products)}<strong>${name}</strong
      ><span>${productCount} ${productCount === 1 ? "product" : "products"}</span></a
    >
  </li>`;
}

function emptyShopView(): Html {
  return html`<section class="wrap section" id="products">
    <div class="empty">
      <h2>The shelves are still empty</h2>
      <p>
        Products appear here as soon as there are some. Is this your shop?
        <a href="/docs">The API reference</a> says how to add them.
      </p>
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
