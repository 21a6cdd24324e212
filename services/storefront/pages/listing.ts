import { page, type Answer, type Route } from "#platform/web/answer.ts";
import type { ProductList } from "#gen/rest/types.ts";
import { pageNotFound } from "../refusal.ts";
import { listingView, isSortOffered } from "../views/listing.ts";
import type { Visit } from "../visit.ts";
import { findTrail } from "../category-trail.ts";
import { categoryPath } from "../paths.ts";

/** The category and search pages: the same list, with other words above it. */
export const listingRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/category/:slug", page: categoryPage },
  { method: "GET", url: "/search", page: searchPage },
];

async function categoryPage(visit: Visit): Promise<Answer> {
  const slug = (visit.params["slug"] ?? "").normalize("NFC");
  const { categories } = visit.ctx;
  const [known, products] = await Promise.all([
    categories.get(visit.caller),
    listProducts(visit, { category: slug }),
  ]);
  const remembered = findTrail(known, slug);
  // Neither that there is no such category nor that there is still one is believed of a memory.
  const isSure = remembered.length > 0 && products.total > 0;
  const trail = isSure ? remembered : findTrail(await categories.getNew(visit.caller), slug);
  const category = trail.at(-1);
  if (!category) throw pageNotFound("category");
  const heading = category.name;
  const body = listingView(visit, products, { heading, intro: category.description, trail });
  return page(heading, body, { description: category.description, canonical: categoryPath(slug) });
}

async function searchPage(visit: Visit): Promise<Answer> {
  const query = (visit.query.get("q") ?? "").trim().slice(0, 100);
  const products = await listProducts(visit, query === "" ? {} : { q: query });
  const { words } = visit.look;
  const heading = query === "" ? words.text("listing.everything") : words.text("listing.results", { query });
  const body = listingView(visit, products, { heading, query, trail: [] });
  return page(heading, body, {});
}

async function listProducts(visit: Visit, what: { category?: string; q?: string }): Promise<ProductList> {
  const { query, currency } = visit;
  const sort = query.get("sort") ?? "";
  const attributes = [...query].filter(
    ([name, value]) => /^attributes\.[\p{L}\p{M}\p{N}_ .-]{1,60}$/u.test(name) && value !== "",
  );
  return await visit.askPublic("listProducts", {
    query: {
      ...what,
      ...Object.fromEntries(attributes),
      minPrice: amountOf(query.get("minPrice")),
      maxPrice: amountOf(query.get("maxPrice")),
      inStock: query.get("inStock") === "true" ? true : undefined,
      sort: isSortOffered(sort) ? sort : undefined,
      cursor: query.get("cursor") || undefined,
      currency,
      limit: 24,
      facets: true,
    },
  });
}

/** A price limit that is no price is left out, as an empty field is. */
function amountOf(text: string | null): string | undefined {
  return text !== null && /^\d{1,9}(\.\d{1,3})?$/.test(text) ? text : undefined;
}
