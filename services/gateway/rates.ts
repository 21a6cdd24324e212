// Prices in other currencies: reckoned here with rates asked for at most once a second, or with the last ones while none can be had.
import type {
  CurrencyService,
  ListCurrenciesResponse,
  RateSnapshot,
} from "#gen/stoa/currency/v1/currency_pb.js";
import type { Clock } from "#platform/kit/clock.ts";
import { convertWith, KeptRates, staleAfterMs } from "#platform/kit/kept-rates.ts";
import { isAway } from "#platform/kit/last-known.ts";
import type { Money } from "#platform/kit/money.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { endingWith } from "#platform/rpc/scope.ts";
import { refusal } from "./errors.ts";
import type { MarkedCall } from "./marks.ts";

const fetchTimeoutMs = 2_000;

interface Converted {
  readonly amounts: readonly Money[];
  readonly snapshot?: RateSnapshot | undefined;
}

export class Rates {
  readonly #currency: Client<typeof CurrencyService>;
  readonly #baseCurrency: string;
  readonly #rates: KeptRates<ListCurrenciesResponse>;

  constructor(currency: Client<typeof CurrencyService>, baseCurrency: string, clock: Clock) {
    this.#currency = currency;
    this.#baseCurrency = baseCurrency;
    const fetch = async () => await currency.listCurrencies({}, { timeoutMs: fetchTimeoutMs });
    this.#rates = new KeptRates(clock, fetch);
  }

  /** The currencies with their rates. */
  async list({ marks, scope }: MarkedCall): Promise<ListCurrenciesResponse> {
    // Others may wait for the same rates longer than this request may.
    const current = this.#rates.current();
    const { value, ageMs } = await (scope ? endingWith(scope, current) : current);
    if (ageMs === undefined) return value;
    marks.add("currency", ageMs);
    const { snapshot } = value;
    return snapshot
      ? { ...value, snapshot: { ...snapshot, stale: snapshot.stale || ageMs > staleAfterMs } }
      : value;
  }

  async convert(amounts: readonly Money[], toCurrencyCode: string, call: MarkedCall): Promise<Converted> {
    try {
      const { currencies, snapshot } = await this.list(call);
      const units = new Map(currencies.map(({ code, rate }) => [code, rate]));
      const converted = convertWith(units, amounts, toCurrencyCode, this.#baseCurrency);
      if (converted) return { amounts: converted, snapshot };
      // It has the words for what cannot be converted.
      return await this.#currency.convert({ amounts: [...amounts], toCurrencyCode }, call);
    } catch (error) {
      if (!isAway(error)) throw error;
      throw refusal("RATES_UNAVAILABLE", { retryAfterSeconds: 5, cause: error });
    }
  }
}
