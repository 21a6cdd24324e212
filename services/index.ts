// The architecture: all services, in dependency order. A service may call, and send events to, only those above it.
import { setAddressAliases } from "#platform/kit/run.ts";
import type { AnyService, ServiceEntry } from "#platform/kit/service.ts";

export const services: readonly ServiceEntry[] = [
  { name: "catalog", load: async () => (await import("./catalog/service.ts")).catalog as AnyService },
  { name: "currency", load: async () => (await import("./currency/service.ts")).currency as AnyService },
  { name: "user", load: async () => (await import("./user/service.ts")).user as AnyService },
  { name: "shipping", load: async () => (await import("./shipping/service.ts")).shipping as AnyService },
  { name: "payment", load: async () => (await import("./payment/service.ts")).payment as AnyService },
  { name: "email", load: async () => (await import("./email/service.ts")).email as AnyService },
  { name: "ad", load: async () => (await import("./ad/service.ts")).ad as AnyService },
  { name: "cart", load: async () => (await import("./cart/service.ts")).cart as AnyService },
  {
    name: "recommendation",
    load: async () => (await import("./recommendation/service.ts")).recommendation as AnyService,
  },
  { name: "order", load: async () => (await import("./order/service.ts")).order as AnyService },
  { name: "checkout", load: async () => (await import("./checkout/service.ts")).checkout as AnyService },
  { name: "gateway", load: async () => (await import("./gateway/service.ts")).gateway as AnyService },
  {
    name: "storefront",
    load: async () => (await import("./storefront/service.ts")).storefront as AnyService,
  },
];

/** Names of the seeds and of the foreign contract for the addresses of services; CATALOG_URL and its like come first. */
setAddressAliases({
  catalog: ["PRODUCT_CATALOG_SERVICE_ADDR", "PRODUCT_SERVICE"],
});
