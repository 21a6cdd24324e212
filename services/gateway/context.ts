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
import type { TokenVerifier } from "#platform/auth/token.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { Flags } from "#platform/kit/flags.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { Senders } from "#platform/http/sender.ts";
import type { Kit, ShopFacts } from "#platform/kit/service.ts";
import type { GatewayConfig } from "./config.ts";
import { MachineKeys } from "./machine-keys.ts";
import { Goods } from "./goods.ts";
import { Rates } from "./rates.ts";
import { RequestLimit } from "#platform/kit/rate-limit.ts";

export const gatewayNeeds = {
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
};

export type GatewayKit = Kit<typeof GatewayConfig, typeof gatewayNeeds>;

export interface GatewayContext {
  readonly clients: GatewayKit["clients"];
  readonly config: ConfigOf<typeof GatewayConfig>;
  readonly flags: Flags;
  readonly switches: GatewayKit["switches"];
  readonly verifier: TokenVerifier;
  readonly clock: Clock;
  readonly log: Logger;
  readonly shop: ShopFacts;
  readonly openGuard: GatewayKit["openGuard"];
  readonly goods: Goods;
  readonly rates: Rates;
  readonly senders: Senders;
  readonly machines: MachineKeys;
  readonly corsOrigins: ReadonlySet<string>;
  /** Undefined when rate limits are off. */
  readonly limits: Limits | undefined;
  /** Notes about behaviour that are on their way; bounded, because nobody waits for them. */
  readonly notes: { underWay: number };
}

export interface Limits {
  readonly addresses: RequestLimit;
  readonly actors: RequestLimit;
  readonly signUps: RequestLimit;
}

export function openGatewayContext(kit: GatewayKit): GatewayContext {
  const { clients, config, flags, switches, verifier, clock, log, shop, openGuard } = kit;
  const { serviceKey } = shop;
  const senders = new Senders({ proxies: config.TRUSTED_PROXIES, serviceKey, clock });
  const corsOrigins = new Set(
    config.GATEWAY_CORS_ORIGINS.split(",")
      .map((origin) => origin.trim().replace(/\/$/, ""))
      .filter((origin) => origin !== ""),
  );
  const limits = shop.rateLimits ? openLimits(kit) : undefined;
  const notes = { underWay: 0 };
  const goods = new Goods(clients.catalog, clock);
  const rates = new Rates(clients.currency, shop.currency, clock);
  return {
    goods,
    rates,
    clients,
    config,
    flags,
    switches,
    verifier,
    clock,
    log,
    shop,
    openGuard,
    senders,
    machines: new MachineKeys(config, { serviceKey, clock }),
    corsOrigins,
    limits,
    notes,
  };
}

function openLimits({ clock, config, shared: store }: GatewayKit): Limits {
  return {
    addresses: new RequestLimit(clock, config.GATEWAY_ADDRESS_REQUESTS_PER_MINUTE, {
      store,
      name: "gateway.addresses",
    }),
    actors: new RequestLimit(clock, config.GATEWAY_ACTOR_REQUESTS_PER_MINUTE, {
      store,
      name: "gateway.actors",
    }),
    signUps: new RequestLimit(clock, config.GATEWAY_SIGN_UPS_PER_MINUTE, { store, name: "gateway.sign-ups" }),
  };
}
