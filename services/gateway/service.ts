import { defineService } from "#platform/kit/service.ts";
import { apiEndpoints } from "./api.ts";
import { GatewayConfig } from "./config.ts";
import { gatewayNeeds, openGatewayContext } from "./context.ts";
import { restRoutes } from "./extension.ts";
import { mountApi } from "./mount.ts";
import { mountStorefront } from "./storefront-proxy.ts";

export const gateway = defineService({
  name: "gateway",
  config: GatewayConfig,
  reaches: ["storefront"],
  http: { port: 3000, operationsPort: 8080 },
  needs: gatewayNeeds,
  create: (kit) => {
    const ctx = openGatewayContext(kit);
    let closeStorefront: (() => Promise<void>) | undefined;
    return {
      http: async (app) => {
        await mountApi(app, ctx, apiEndpoints(kit.added(restRoutes).flat()));
        const { STOREFRONT_URL } = kit.config;
        if (STOREFRONT_URL !== undefined && !kit.shop.isEmbedded)
          closeStorefront = await mountStorefront(app, ctx, STOREFRONT_URL);
      },
      close: async () => await closeStorefront?.(),
    };
  },
});
