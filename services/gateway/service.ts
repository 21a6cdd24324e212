import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { CartService } from "#gen/stoa/cart/v1/cart_pb.js";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { CheckoutService } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { CurrencyService } from "#gen/stoa/currency/v1/currency_pb.js";
import { EmailService } from "#gen/stoa/email/v1/email_pb.js";
import { OrderService } from "#gen/stoa/order/v1/order_pb.js";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { RecommendationService } from "#gen/stoa/recommendation/v1/recommendation_pb.js";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import { defineService } from "#platform/kit/service.ts";
import { apiEndpoints } from "./api.ts";
import { GatewayConfig } from "./config.ts";
import { openGatewayContext } from "./context.ts";
import { mountApi } from "./mount.ts";
import { mountStorefront } from "./storefront-proxy.ts";

export const gateway = defineService({
  name: "gateway",
  config: GatewayConfig,
  reaches: ["storefront"],
  http: { port: 3000, operationsPort: 8080 },
  needs: {
    catalog: CatalogService,
    currency: CurrencyService,
    user: UserService,
    shipping: ShippingService,
    payment: PaymentService,
    email: EmailService,
    ad: AdService,
    cart: CartService,
    recommendation: RecommendationService,
    order: OrderService,
    checkout: CheckoutService,
  },
  create: (kit) => {
    const ctx = openGatewayContext(kit);
    let closeStorefront: (() => Promise<void>) | undefined;
    return {
      http: async (app) => {
        await mountApi(app, ctx, apiEndpoints());
        const { STOREFRONT_URL } = kit.config;
        if (STOREFRONT_URL !== undefined && !kit.shop.isEmbedded)
          closeStorefront = await mountStorefront(app, ctx, STOREFRONT_URL);
      },
      close: async () => await closeStorefront?.(),
    };
  },
});
