import { page, type Route } from "#platform/web/answer.ts";
import { homeView } from "../views/home.ts";
import type { Visit } from "../visit.ts";

/** The contract's home page lists all products; ours lists as many as stay within 40 KB of HTML, and links to the rest. */
const productsMax = 72;

export const homeRoutes: readonly Route<Visit>[] = [
  {
    method: "GET",
    url: "/",
    page: async (visit) => {
      const [products, ads, categories] = await Promise.all([
        visit.askPublic("listProducts", { query: { limit: productsMax, currency: visit.currency } }),
        visit.askOptional("listAds", {}, "ad"),
        visit.soon(visit.ctx.categories.get(visit.caller), "categories"),
      ]);
      const { look } = visit;
      const description = look.words.text("document.description");
      return page(
        look.words.text("home.title"),
        homeView(look, { products, categories: categories ?? [], ads: ads?.items }),
        { description, canonical: "/" },
      );
    },
  },
];
