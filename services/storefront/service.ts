import { defineService } from "#platform/kit/service.ts";
import { mountSite } from "#platform/web/router.ts";
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

const routes = [
  ...homeRoutes,
  ...listingRoutes,
  ...productRoutes,
  ...cartRoutes,
  ...checkoutRoutes,
  ...payRoutes,
  ...orderRoutes,
  ...orderLinkRoutes,
  ...accountRoutes,
  ...passwordRoutes,
  ...shopRoutes,
];

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
    return {
      http: async (app) => await mountSite(app, storefrontSite(ctx, routes)),
      close: async () => await ctx.api.close(),
    };
  },
});
