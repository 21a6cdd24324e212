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
        visit.askOptional("listAds", {}),
        visit.soon(visit.ctx.categories.get(visit.caller)),
      ]);
      const description = "Useful things from many small shops under one roof.";
      return page("A shop of many small shops", homeView(visit, products, categories ?? [], ads?.items), {
        description,
      });
    },
  },
];
