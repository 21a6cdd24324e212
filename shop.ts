// The shop: what it is called, what it sells in, and all it is made of. A new service is one more line here.
import { defineShop } from "#platform/kit/shop-file.ts";
import type { AnyService, ServiceEntry } from "#platform/kit/service.ts";
import { ShopFlags } from "./services/flags.ts";

/** In dependency order: a service may call only those before it. Events may go either way. */
export const services: readonly ServiceEntry[] = [
  { name: "user", load: async () => (await import("./services/user/service.ts")).user as AnyService },
  {
    name: "catalog",
    load: async () => (await import("./services/catalog/service.ts")).catalog as AnyService,
  },
  {
    name: "currency",
    foreign: async () => (await import("./neighbours/currency.ts")).foreignCurrency,
    load: async () => (await import("./services/currency/service.ts")).currency as AnyService,
  },
  {
    name: "shipping",
    foreign: async () => (await import("./neighbours/shipping.ts")).foreignShipping,
    hears: ["order.shipped", "order.delivered", "order.cancelled"],
    load: async () => (await import("./services/shipping/service.ts")).shipping as AnyService,
  },
  {
    name: "payment",
    foreign: async () => (await import("./neighbours/payment.ts")).foreignPayment,
    load: async () => (await import("./services/payment/service.ts")).payment as AnyService,
  },
  {
    name: "email",
    hears: [
      "order.placed",
      "order.shipped",
      "order.delivered",
      "order.cancelled",
      "order.refunded",
      "order.looked-up",
      "password.forgotten",
      "password.changed",
      "user.erased",
    ],
    load: async () => (await import("./services/email/service.ts")).email as AnyService,
  },
  {
    name: "ad",
    foreign: async () => (await import("./neighbours/ad.ts")).foreignAd,
    load: async () => (await import("./services/ad/service.ts")).ad as AnyService,
  },
  {
    name: "cart",
    hears: ["user.erased"],
    load: async () => (await import("./services/cart/service.ts")).cart as AnyService,
  },
  {
    name: "recommendation",
    hears: ["order.placed"],
    load: async () => (await import("./services/recommendation/service.ts")).recommendation as AnyService,
  },
  {
    name: "order",
    hears: ["user.erased", "guest.joined", "payment.refunded"],
    load: async () => (await import("./services/order/service.ts")).order as AnyService,
  },
  {
    name: "checkout",
    hears: ["user.erased", "guest.joined"],
    load: async () => (await import("./services/checkout/service.ts")).checkout as AnyService,
  },
  {
    name: "gateway",
    isEdge: true,
    load: async () => (await import("./services/gateway/service.ts")).gateway as AnyService,
  },
  {
    name: "storefront",
    isEdge: true,
    load: async () => (await import("./services/storefront/service.ts")).storefront as AnyService,
  },
  {
    name: "admin",
    isEdge: true,
    load: async () => (await import("./services/admin/service.ts")).admin as AnyService,
  },
];

export const shop = defineShop({
  name: "Stoa",
  currency: "USD",
  country: "US",
  locale: "en-US",
  services,
  extensions: [
    {
      name: "stripe",
      for: ["payment", "storefront"],
      load: async () => (await import("./extensions/stripe/extension.ts")).stripe,
    },
  ],
  issuer: "user",
  flags: ShopFlags,
  aliases: {
    SHOP_NAME: ["EMAIL_SHOP_NAME"],
    SHOP_URL: ["EMAIL_SHOP_URL"],
    SHOP_CURRENCY: ["CATALOG_CURRENCY", "CART_CURRENCY", "CHECKOUT_CURRENCY"],
  },
  addressAliases: {
    catalog: ["PRODUCT_CATALOG_SERVICE_ADDR", "PRODUCT_SERVICE"],
    gateway: ["BACKEND_URL"],
  },
});
