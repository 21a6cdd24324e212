// How soon something can be with a shopper, as the shipping rates say it.
import type { ShippingMethod, ShippingQuoteRequest } from "#gen/rest/types.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { ApiCaller } from "#platform/web/rest-api.ts";
import { placeIn } from "./place.ts";

export interface Delivery {
  readonly country: string;
  readonly methods: readonly ShippingMethod[];
}

interface Wanted {
  readonly country: string;
  readonly currency: string;
  readonly productId: string;
  readonly variantId: string;
}

type Ask = (body: ShippingQuoteRequest, caller: ApiCaller) => Promise<readonly ShippingMethod[]>;

const freshMs = 60_000;
const keptMax = 5_000;

/** Of one piece, for a minute: many look at a product before one buys it. */
export class Deliveries {
  readonly #clock: Clock;
  readonly #ask: Ask;
  readonly #kept = new Map<string, { readonly untilMs: number; readonly delivery: Promise<Delivery> }>();

  constructor(clock: Clock, ask: Ask) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Rejects when the API does not say; then it is asked again. */
  async get(wanted: Wanted, caller: ApiCaller): Promise<Delivery> {
    const { country, currency, productId, variantId } = wanted;
    const key = `${country} ${currency} ${variantId}`;
    const nowMs = this.#clock.monotonicMs();
    const kept = this.#kept.get(key);
    if (kept && kept.untilMs > nowMs) return await kept.delivery;
    const shippingAddress = { line1: "Estimate", city: "Estimate", ...placeIn(country) };
    const items = [{ productId, variantId, quantity: 1 }];
    const delivery = this.#ask({ shippingAddress, items, currencyCode: currency }, caller).then(
      (methods) => ({
        country,
        methods,
      }),
    );
    this.#kept.delete(key);
    this.#kept.set(key, { untilMs: nowMs + freshMs, delivery });
    void delivery.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= keptMax) break;
      this.#kept.delete(oldest);
    }
    return await delivery;
  }
}
