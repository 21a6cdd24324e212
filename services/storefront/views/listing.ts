import type { Category, Facet, ProductList } from "#gen/rest/types.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import type { Visit } from "../visit.ts";
import { productGrid } from "./product-card.ts";

const sortsOffered = {
  newest: "Newest first",
  price: "Price, low to high",
  "-price": "Price, high to low",
  name: "Name, A to Z",
  "-name": "Name, Z to A",
};

export function isSortOffered(sort: string): sort is keyof typeof sortsOffered {
  return Object.hasOwn(sortsOffered, sort);
}

export interface ListingWords {
  readonly heading: string;
  readonly intro?: string | undefined;
  readonly query?: string;
  /** From the top of the tree to this category. */
  readonly trail: readonly Category[];
}

export function listingView(visit: Visit, products: ProductList, words: ListingWords): Html {
  const { heading, intro, trail } = words;
  return html`<div class="wrap listing">
    <div class="listing-head">
      ${trailView(trail)}
      <h1>${heading}</h1>
      ${intro ? html`<p class="intro">${intro}</p>` : ""} ${childrenView(trail.at(-1))}
    </div>
    <div class="listing-columns">
      <details class="filters" data-open-when-wide>
        <summary>Filter and sort</summary>
        ${filterForm(visit, products.facets ?? [])}
      </details>
      <section aria-label="Products">
        <p class="found">${products.total === 1 ? "1 product" : `${products.total} products`}</p>
        ${products.items.length === 0 ? emptyView(words) : productGrid(products.items)}
        ${pagesView(visit, products)}
      </section>
    </div>
  </div>`;
}

function trailView(trail: readonly Category[]): Html | undefined {
  if (trail.length < 2) return undefined;
  return html`<nav class="trail" aria-label="Where you are">
    ${trail.slice(0, -1).map(({ slug, name }) => html`<a href="/category/${slug}">${name}</a> / `)}
  </nav>`;
}

function childrenView(category: Category | undefined): Html | undefined {
  if (!category?.children?.length) return undefined;
  return html`<ul class="chips">
    ${category.children.map(
      ({ slug, name, productCount }) =>
        html`<li>
          <a class="chip" href="/category/${slug}">${name} <small>${productCount}</small></a>
        </li>`,
    )}
  </ul>`;
}

function filterForm({ query, path, currency }: Visit, facets: readonly Facet[]): Html {
  const sort = query.get("sort") ?? "";
  const words = path === "/search" ? html`<input type="hidden" name="q" value="${query.get("q")}" />` : "";
  return html`<form action="${path}" method="get" class="filter-form">
    ${words}
    <label
      >Sort by
      <select name="sort">
        <option value="">What fits best</option>
        ${Object.entries(sortsOffered).map(
          ([value, name]) =>
            html`<option value="${value}" ${attribute("selected", sort === value)}>${name}</option>`,
        )}
      </select></label
    >
    <fieldset>
      <legend>Price in ${currency}</legend>
      <div class="range">
        <input
          name="minPrice"
          inputmode="decimal"
          placeholder="from"
          aria-label="Lowest price"
          value="${query.get("minPrice")}"
        />
        <input
          name="maxPrice"
          inputmode="decimal"
          placeholder="to"
          aria-label="Highest price"
          value="${query.get("maxPrice")}"
        />
      </div>
    </fieldset>
    <label class="check"
      ><input
        type="checkbox"
        name="inStock"
        value="true"
        ${attribute("checked", query.get("inStock") === "true")}
      />
      In stock only</label
    >
    ${facets
      .filter(({ name }) => name.startsWith("attributes."))
      .slice(0, facetsMax)
      .map((facet) => facetView(facet, query.get(facet.name)))}
    <div class="filter-actions">
      <button type="submit">Show</button>
      <a href="${path}${path === "/search" ? `?q=${encodeURIComponent(query.get("q") ?? "")}` : ""}">Reset</a>
    </div>
  </form>`;
}

const facetsMax = 6;

function facetView({ name, values }: Facet, chosen: string | null): Html {
  return html`<label
    >${wordsOf(name.slice("attributes.".length))}
    <select name="${name}">
      <option value="">Any</option>
      ${values.map(
        ({ value, count }) =>
          html`<option value="${value}" ${attribute("selected", value === chosen)}>
            ${value} (${count})
          </option>`,
      )}
    </select></label
  >`;
}

/** dishwasherSafe is shown as "Dishwasher safe". */
export function wordsOf(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function pagesView({ query, path }: Visit, { nextCursor }: ProductList): Html | undefined {
  const isFirst = !query.get("cursor");
  if (isFirst && nextCursor === null) return undefined;
  const first = new URLSearchParams(query);
  first.delete("cursor");
  const next = new URLSearchParams(first);
  if (nextCursor !== null) next.set("cursor", nextCursor);
  return html`<nav class="pages" aria-label="Pages">
    ${
      isFirst
        ? ""
        : html`<a class="button quiet" href="${path}?${first.toString()}">Back to the first page</a>`
    }${nextCursor === null ? "" : html`<a class="button quiet" rel="next" href="${path}?${next.toString()}">More products</a>`}
  </nav>`;
}

function emptyView({ query }: ListingWords): Html {
  return html`<div class="empty">
    <p>
      ${
        query
          ? "Nothing matches these words. Try fewer of them, or another spelling."
          : "Nothing here matches these filters."
      }
    </p>
    <p><a class="button quiet" href="/search?q=">Browse everything</a></p>
  </div>`;
}
