import { CartService } from "#gen/stoa/cart/v1/cart_pb.js";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { CurrencyService, type ListCurrenciesResponse } from "#gen/stoa/currency/v1/currency_pb.js";
import { OrderService } from "#gen/stoa/order/v1/order_pb.js";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { KeptRates } from "#platform/kit/kept-rates.ts";
import type { Kit } from "#platform/kit/service.ts";
import { CardFingerprints } from "./card-fingerprints.ts";
import type { CheckoutConfig } from "./config.ts";
import { pricingRules } from "./extension.ts";
import type { Rules } from "./pricing.ts";
import { taxPort, type TaxProvider } from "./provider.ts";
import { Queue } from "./queue.ts";

export const checkoutNeeds = {
  catalog: CatalogService,
  currency: CurrencyService,
  user: UserService,
  shipping: ShippingService,
  payment: PaymentService,
  cart: CartService,
  order: OrderService,
};

const ratesTimeoutMs = 2_000;

type CheckoutKit = Kit<typeof CheckoutConfig, typeof checkoutNeeds>;

export interface CheckoutContext extends Pick<
  CheckoutKit,
  "db" | "tasks" | "clients" | "clock" | "log" | "flags" | "config"
> {
  /** What an order costs when the buyer names no currency. */
  readonly baseCurrency: string;
  /** Where buyers come back to from the payment provider, for an order. */
  readonly returnUrl: (orderId: string) => string;
  /** Names this process in leases. */
  readonly owner: string;
  readonly rules: Rules;
  readonly tax: TaxProvider;
  /** Exchange rates, also while the currency service does not answer. */
  readonly rates: KeptRates<ListCurrenciesResponse>;
  readonly cards: CardFingerprints;
  /** For the questions before an order begins; none of them waits for an order to end. */
  readonly checks: Queue;
  /** Lets buyers in: from here on they hold their stock. */
  readonly entrance: Queue;
  /** For what comes after the stock is held. */
  readonly queue: Queue;
  /** Checkouts this process works on now; their leases are renewed. */
  readonly atWork: Set<string>;
}

export async function openCheckoutContext(kit: CheckoutKit): Promise<CheckoutContext> {
  const { db, tasks, clients, clock, log, flags, config, shop } = kit;
  return {
    db,
    tasks,
    clients,
    clock,
    log,
    flags,
    config,
    baseCurrency: shop.currency,
    returnUrl: (orderId) => `${shop.url}/checkout/return/${orderId}`,
    owner: newId(),
    rules: rulesOf(kit.added(pricingRules)),
    tax: await kit.provider(taxPort, undefined),
    rates: new KeptRates(clock, async () => {
      return await clients.currency.listCurrencies({}, { timeoutMs: ratesTimeoutMs });
    }),
    cards: new CardFingerprints(shop.serviceKey),
    checks: new Queue(config.CHECKOUT_PARALLEL_MAX),
    entrance: new Queue(config.CHECKOUT_BEGUN_MAX),
    queue: new Queue(config.CHECKOUT_PARALLEL_MAX),
    atWork: new Set(),
  };
}

/** Those of all extensions, in the order of the shop file. */
function rulesOf(added: readonly Partial<Rules>[]): Rules {
  return {
    discounts: added.flatMap(({ discounts = [] }) => discounts),
    taxes: added.flatMap(({ taxes = [] }) => taxes),
  };
}
