import { defineService } from "#platform/kit/service.ts";
import { mountSite } from "#platform/web/router.ts";
import { AdminConfig } from "./config.ts";
import { openAdminContext } from "./context.ts";
import { activityRoutes } from "./pages/activity.ts";
import { flagRoutes } from "./pages/flags.ts";
import { mailRoutes } from "./pages/mails.ts";
import { overviewRoutes } from "./pages/ops/overview.ts";
import { traceRoutes } from "./pages/ops/traces.ts";
import { workRoutes } from "./pages/ops/work.ts";
import { orderRoutes } from "./pages/orders.ts";
import { signInRoutes } from "./pages/sign-in.ts";
import { roomRoutes } from "./rooms.ts";
import { adminSite } from "./router.ts";

const houseRoutes = [
  ...orderRoutes,
  ...mailRoutes,
  ...overviewRoutes,
  ...traceRoutes,
  ...workRoutes,
  ...activityRoutes,
  ...flagRoutes,
  ...signInRoutes,
];

/** Pages for the staff of the shop. It has no database and calls no service but the gateway, over HTTP like any other client; for the ops room it asks every process how it does. */
export const admin = defineService({
  name: "admin",
  config: AdminConfig,
  reaches: ["gateway"],
  watchesShop: true,
  http: { port: 8082, operationsPort: 8083 },
  verifiesTokens: false,
  needs: {},
  create: async (kit) => {
    const ctx = await openAdminContext(kit);
    const routes = [...houseRoutes, ...roomRoutes(ctx.rooms, houseRoutes)];
    return {
      http: async (app) => await mountSite(app, adminSite(ctx, routes)),
      close: async () => ctx.api.close(),
    };
  },
});
