import type { Precedence } from "#platform/http/gate.ts";
import { defineService } from "#platform/kit/service.ts";
import type { Route } from "#platform/web/answer.ts";
import { hearSwitchesJobs } from "#platform/web/hear-switches.ts";
import { mountSite } from "#platform/web/router.ts";
import { mountApiFront } from "./api-front.ts";
import { StorefrontConfig } from "./config.ts";
import { openStorefrontContext } from "./context.ts";
import { accountRoutes } from "./pages/account.ts";
import { cartRoutes } from "./pages/cart.ts";
import { checkoutRoutes } from "./pages/checkout.ts";
import { homeRoutes } from "./pages/home.ts";
import { listingRoutes } from "./pages/listing.ts";
import { orderLinkRoutes } from "./pages/order-link.ts";
import { passwordRoutes } from "./pages/password.ts";
import { payRoutes } from "./pages/pay.ts";
import { orderRoutes } from "./pages/order.ts";
import { productRoutes } from "./pages/product.ts";
import { shopRoutes } from "./pages/shop.ts";
import { storefrontSite } from "./router.ts";
import type { Visit } from "./visit.ts";

/** Whoever buys goes before whoever fills a cart, and they before whoever looks around. */
export const storefrontRoutes = [
  ...homeRoutes,
  ...listingRoutes,
  ...productRoutes,
  ...goFirst("second", [...cartRoutes, ...accountRoutes, ...passwordRoutes]),
  ...goFirst("first", [...checkoutRoutes, ...payRoutes, ...orderRoutes, ...orderLinkRoutes]),
  ...shopRoutes,
];

function goFirst(precedence: Precedence, those: readonly Route<Visit>[]): Route<Visit>[] {
  return those.map((route) => ({ ...route, precedence }));
}

/** Pages for people. It has no database and calls no service but the gateway, over HTTP like any other client. */
export const storefront = defineService({
  name: "storefront",
  config: StorefrontConfig,
  reaches: ["gateway"],
  http: { port: 8080, operationsPort: 8081, firstPage: "/" },
  verifiesTokens: false,
  needs: {},
  create: async (kit) => {
    const ctx = await openStorefrontContext(kit);
    const closers = [() => ctx.api.close()];
    return {
      jobs: hearSwitchesJobs(ctx.api, kit),
      http: async (app) => {
        // In one process the gateway answers on this very port.
        if (kit.config.STOREFRONT_FRONTS_API === "on" && !kit.shop.isEmbedded)
          closers.push(await mountApiFront(app, ctx));
        await mountSite(app, storefrontSite(ctx, storefrontRoutes));
      },
      close: async () => closers.forEach((close) => close()),
    };
  },
});
