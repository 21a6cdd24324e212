import type { Category, Facet, ProductList } from "#gen/rest/types.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import type { Visit } from "../visit.ts";
import { productGrid } from "./product-card.ts";
import { categoryPath } from "../paths.ts";

const sortsOffered = ["newest", "price", "-price", "name", "-name"] as const;

export function isSortOffered(sort: string): sort is (typeof sortsOffered)[number] {
  return sortsOffered.some((offered) => offered === sort);
}

export interface ListingWords {
  readonly heading: string;
  readonly intro?: string | undefined;
  readonly query?: string;
  /** From the top of the tree to this category. */
  readonly trail: readonly Category[];
}

export function listingView(visit: Visit, products: ProductList, listing: ListingWords): Html {
  const { heading, intro, trail } = listing;
  const { words } = visit.look;
  return html`<div class="wrap listing">
    <div class="listing-head">
      ${trailView(visit.look, trail)}
      <h1>${heading}</h1>
      ${intro ? html`<p class="intro">${intro}</p>` : ""} ${childrenView(trail.at(-1))}
    </div>
    <div class="listing-columns">
      <details class="filters" data-open-when-wide>
        <summary>${words.text("listing.filter")}</summary>
        ${filterForm(visit, products.facets ?? [])}
      </details>
      <section aria-label="${words.text("listing.products")}">
        <p class="found">${words.text("listing.found", { count: products.total })}</p>
        ${products.items.length === 0 ? emptyView(visit.look, listing) : productGrid(visit.look, products.items)}
        ${pagesView(visit, products)}
      </section>
    </div>
  </div>`;
}

function trailView({ words }: Look, trail: readonly Category[]): Html | undefined {
  if (trail.length < 2) return undefined;
  return html`<nav class="trail" aria-label="${words.text("listing.where")}">
    ${trail.slice(0, -1).map(({ slug, name }) => html`<a href="${categoryPath(slug)}">${name}</a> / `)}
  </nav>`;
}

function childrenView(category: Category | undefined): Html | undefined {
  if (!category?.children?.length) return undefined;
  return html`<ul class="chips">
    ${category.children.map(
      ({ slug, name, productCount }) =>
        html`<li>
          <a class="chip" href="${categoryPath(slug)}">${name} <small>${productCount}</small></a>
        </li>`,
    )}
  </ul>`;
}

function filterForm({ look, query, path, currency }: Visit, facets: readonly Facet[]): Html {
  const { words } = look;
  const sort = query.get("sort") ?? "";
  const searched = path === "/search" ? html`<input type="hidden" name="q" value="${query.get("q")}" />` : "";
  return html`<form action="${path}" method="get" class="filter-form">
    ${searched}
    <label
      >${words.text("listing.sort")}
      <select name="sort">
        <option value="">${words.text("listing.sort.none")}</option>
        ${sortsOffered.map(
          (value) =>
            html`<option value="${value}" ${attribute("selected", sort === value)}>
              ${words.text(`listing.sort.${value}`)}
            </option>`,
        )}
      </select></label
    >
    <fieldset>
      <legend>${words.text("listing.price", { currency })}</legend>
      <div class="range">
        <input
          name="minPrice"
          inputmode="decimal"
          placeholder="${words.text("listing.priceFrom")}"
          aria-label="${words.text("listing.priceLowest")}"
          value="${query.get("minPrice")}"
        />
        <input
          name="maxPrice"
          inputmode="decimal"
          placeholder="${words.text("listing.priceTo")}"
          aria-label="${words.text("listing.priceHighest")}"
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
      ${words.text("listing.inStock")}</label
    >
    ${facets
      .filter(({ name }) => name.startsWith("attributes."))
      .slice(0, facetsMax)
      .map((facet) => facetView(look, facet, query.get(facet.name)))}
    <div class="filter-actions">
      <button type="submit">${words.text("listing.show")}</button>
      <a href="${path}${path === "/search" ? `?q=${encodeURIComponent(query.get("q") ?? "")}` : ""}"
        >${words.text("listing.reset")}</a
      >
    </div>
  </form>`;
}

const facetsMax = 6;

function facetView({ words }: Look, { name, values }: Facet, chosen: string | null): Html {
  return html`<label
    >${wordsOf(name.slice("attributes.".length))}
    <select name="${name}">
      <option value="">${words.text("listing.any")}</option>
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

function pagesView({ look, query, path }: Visit, { nextCursor }: ProductList): Html | undefined {
  const isFirst = !query.get("cursor");
  if (isFirst && nextCursor === null) return undefined;
  const { words } = look;
  const first = new URLSearchParams(query);
  first.delete("cursor");
  const next = new URLSearchParams(first);
  if (nextCursor !== null) next.set("cursor", nextCursor);
  return html`<nav class="pages" aria-label="${words.text("listing.pages")}">
    ${
      isFirst
        ? ""
        : html`<a class="button quiet" href="${path}?${first.toString()}">${words.text("listing.first")}</a>`
    }${nextCursor === null ? "" : html`<a class="button quiet" rel="next" href="${path}?${next.toString()}">${words.text("listing.more")}</a>`}
  </nav>`;
}

function emptyView({ words }: Look, { query }: ListingWords): Html {
  return html`<div class="empty">
    <p>${words.text(query ? "listing.noWords" : "listing.noMatch")}</p>
    <p><a class="button quiet" href="/search?q=">${words.text("listing.browse")}</a></p>
  </div>`;
}
