import { defineService } from "#platform/kit/service.ts";
import { apiEndpoints } from "./api.ts";
import { GatewayConfig } from "./config.ts";
import { gatewayNeeds, openGatewayContext } from "./context.ts";
import { documentedFields, restRoutes } from "./extension.ts";
import { requireDistinctKeys } from "./machine-keys.ts";
import { mountApi } from "./mount.ts";
import { mountDocsFiles } from "./docs-files.ts";
import { mountOfrep } from "./ofrep.ts";
import { mountPages } from "./storefront-proxy.ts";

export const gateway = defineService({
  name: "gateway",
  config: GatewayConfig,
  reaches: ["storefront", "admin"],
  requireUsable: requireDistinctKeys,
  http: { port: 3000, operationsPort: 8080 },
  needs: gatewayNeeds,
  // An order is worth waiting for; the request it belongs to has a limit of its own.
  // Passwords are hashed one after the other: who signs in waits for a turn, nearly as long as the journey lasts.
  patience: { checkout: 20_000, user: 9_500 },
  create: (kit) => {
    const ctx = openGatewayContext(kit);
    const closers: (() => void)[] = [];
    return {
      http: async (app) => {
        const { currency, name, url } = kit.shop;
        const told = { fields: kit.added(documentedFields), currency, shop: { name, url } };
        await mountApi(app, ctx, apiEndpoints(kit.added(restRoutes).flat(), told));
        mountDocsFiles(app);
        await mountOfrep(app, ctx);
        if (kit.shop.isEmbedded) return;
        const { ADMIN_URL, STOREFRONT_URL } = kit.config;
        if (ADMIN_URL !== undefined)
          closers.push(await mountPages(app, ctx, { url: ADMIN_URL, prefix: "/admin" }));
        if (STOREFRONT_URL !== undefined)
          closers.push(await mountPages(app, ctx, { url: STOREFRONT_URL, prefix: "" }));
      },
      close: async () => closers.forEach((close) => close()),
    };
  },
});
