// The cart with the checkout form, as it is asked for and as it comes back when an order was refused.
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { Cart, Quote } from "#gen/rest/types.ts";
import { page, type Answer } from "#platform/web/answer.ts";
import { findBuyer, type KnownBuyer } from "../buyer.ts";
import {
  addressOf,
  isCountryName,
  shippingMethodOf,
  unknownCountry,
  type FieldMessages,
  type TypedCheckout,
} from "../checkout-form.ts";
import { findCountryCode } from "../countries.ts";
import { guessCountry, placeIn } from "../place.ts";
import { shortagesIn, shortItems, type Shortages } from "../shortages.ts";
import { cartView } from "../views/cart.ts";
import type { Visit } from "../visit.ts";
import { listRecommendations } from "./product.ts";

export interface CartPageParts {
  readonly status?: number;
  readonly message?: string;
  readonly typed?: TypedCheckout;
  readonly messages?: FieldMessages;
  /** What the refusal said is not there. */
  readonly shortages?: Shortages;
  readonly retryAfterSeconds?: number | undefined;
}

export async function cartPage(
  visit: Visit,
  { status = 200, retryAfterSeconds, ...parts }: CartPageParts,
): Promise<Answer> {
  const [cart, buyer] = await Promise.all([visit.cart(), buyerOf(visit, parts.typed)]);
  const { typed } = buyer;
  const items = cart?.items ?? [];
  const [priced, recommended, method, isOpen] = await Promise.all([
    priceCart(visit, cart, buyer),
    listRecommendations(
      visit,
      items.map(({ productId }) => productId),
    ),
    visit.soon(visit.ctx.method.get(visit.caller), "other", methodTimeoutMs),
    visit.ctx.flags.isOn("ENABLE_CHECKOUT"),
  ]);
  const headers: Record<string, string> = { "cache-control": "private, no-store" };
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  const body = cartView(visit.look, {
    ...parts,
    cart,
    recommended,
    ...priced,
    country: buyer.country,
    isOpen,
    isForAddress: buyer.hasAddress,
    year: visit.ctx.clock.now().getFullYear(),
    method,
    hasElement: method !== undefined && visit.ctx.paymentForms.has(method.provider),
    shortages: new Map([...shortItems(items), ...(priced.shortages ?? []), ...(parts.shortages ?? [])]),
    ...(typed ? { typed } : {}),
  });
  return page(visit.look.words.text("cart.heading"), body, { status, headers });
}

async function buyerOf(visit: Visit, typed: TypedCheckout | undefined): Promise<KnownBuyer> {
  if (!typed) return await findBuyer(visit);
  const guessed = guessCountry(visit.headers["accept-language"], visit.ctx.shop.country);
  const country = findCountryCode(typed.country) ?? guessed;
  return { country, typed, hasAddress: typed.street_address !== "" && typed.city !== "" };
}

/** Without it nobody can order, so it is waited for longer than for what a page can do without. */
const methodTimeoutMs = 1_000;

interface PricedCart {
  readonly quote?: Quote;
  readonly shortages?: Shortages;
  /** What it costs could not be had. */
  readonly isUnpriced?: boolean;
}

/** What the cart costs sent to the address, or else to where the shopper is; without a quote if that cannot be said. */
async function priceCart(
  visit: Visit,
  cart: Cart | undefined,
  { typed, country }: KnownBuyer,
): Promise<PricedCart> {
  if (!cart || cart.items.length === 0) return {};
  const { STOREFRONT_ESTIMATE_TIMEOUT_MS: estimateMs } = visit.ctx.config;
  // Who asks for the total waits for it; who only looks at the cart is shown it without.
  const untilMs = visit.ctx.clock.monotonicMs() + estimateMs * (visit.method === "POST" ? 10 : 1);
  // Under its name, because nobody has typed a postal code for it.
  const estimate = { line1: "Estimate", city: "Estimate", ...placeIn(country), countryName: country };
  const typedAddress = typed ? [withoutGaps(addressOf(typed, destinationOf(typed, country)))] : [];
  const chosen = shippingMethodOf(visit.form);
  const ways = chosen === undefined ? [{}] : [{ shippingMethodCode: chosen }, {}];
  for (const shippingAddress of [...typedAddress, estimate])
    for (const way of ways) {
      try {
        const body = { shippingAddress, currencyCode: visit.currency, ...way };
        const timeoutMs = Math.ceil(untilMs - visit.ctx.clock.monotonicMs());
        if (timeoutMs <= 0) return { isUnpriced: true };
        const quote = await visit.ask("createQuote", { body }, timeoutMs);
        if (quote.items.length === cart.items.length) return { quote };
      } catch (error) {
        const refused = requireRefused(error);
        const shortages = shortagesIn(refused);
        if (shortages.size > 0) return { shortages };
        if (refused.status >= 500) return { isUnpriced: true };
        if (refused.code !== "SHIPPING_METHOD_UNKNOWN") break;
      }
    }
  return {};
}

/** Where a name is written that nobody knows, the parcel goes there, and not where the shopper seems to be. */
function destinationOf({ country: written }: TypedCheckout, country: string): string {
  return isCountryName(written) && findCountryCode(written) === undefined ? unknownCountry : country;
}

/** What is not typed yet is no fault of an address that is only asked for what sending there costs. */
function withoutGaps(address: ReturnType<typeof addressOf>) {
  return {
    ...address,
    line1: address.line1 || "Estimate",
    city: address.city || "Estimate",
    postalCode: address.postalCode || placeIn(address.country).postalCode,
  };
}

/** A cart that cannot be priced is still shown; a shop in maintenance is not. */
function requireRefused(error: unknown): ApiProblem {
  if (error instanceof ApiProblem && !error.code.startsWith("MAINTENANCE")) return error;
  throw error;
}
