// Somebody else's currency service: it converts one amount at a time, and tells no rates.
import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import {
  ConvertResponseSchema,
  CurrencyService,
  ListCurrenciesResponseSchema,
  type ListCurrenciesResponse,
} from "#gen/stoa/currency/v1/currency_pb.js";
import { appError } from "#platform/kit/errors.ts";
import { defineForeignNeighbour, type ForeignKit } from "#platform/kit/foreign-neighbour.ts";
import { convertWith } from "#platform/kit/kept-rates.ts";
import { decimalsOf, divideHalfEven, money } from "#platform/kit/money.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";

type Kit = ForeignKit<typeof hipstershop.CurrencyService>;

export const foreignCurrency = defineForeignNeighbour({
  ours: CurrencyService,
  theirs: hipstershop.CurrencyService,
  translate: (kit) => {
    const rates = new ForeignRates(kit);
    return {
      listCurrencies: async (_request, options) => await rates.current(options),
      convert: async ({ amounts = [], toCurrencyCode = "" }, options) => {
        const { currencies, snapshot } = await rates.current(options);
        const units = new Map(currencies.map(({ code, rate }) => [code, rate]));
        const asked = amounts.map(({ currencyCode = "", minor = 0n }) => money(currencyCode, minor));
        const converted = convertWith(units, asked, toCurrencyCode, kit.currency);
        if (converted)
          return create(ConvertResponseSchema, { amounts: converted, ...(snapshot && { snapshot }) });
        throw appError("invalid", "CURRENCY_UNKNOWN", {
          publicMessage: "The shop has no exchange rate for a currency of the request.",
        });
      },
    };
  },
});

/** So long one set of rates holds: every price of a page and of an order is reckoned with the same. */
const keepMs = 60_000;
/** What is converted to learn a rate: so much that the eight decimals that a rate has here are exact. */
const sampleUnits = 1_000_000n;

/** The rates behind the conversions, learnt by converting a million. The service's own rounding, floor or not, is never used for a price. */
class ForeignRates {
  readonly #kit: Kit;
  #kept: { readonly answer: ListCurrenciesResponse; readonly atMs: number } | undefined;
  #asking: Promise<ListCurrenciesResponse> | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  async current(options?: CallOptions): Promise<ListCurrenciesResponse> {
    const { clock } = this.#kit;
    if (this.#kept && clock.monotonicMs() - this.#kept.atMs < keepMs) return this.#kept.answer;
    return await (this.#asking ??= this.#ask(options).finally(() => (this.#asking = undefined)));
  }

  async #ask(options?: CallOptions): Promise<ListCurrenciesResponse> {
    const { theirs, currency: base, clock } = this.#kit;
    const timeout = { timeoutMs: options?.timeoutMs ?? 2_000 };
    const { currencyCodes } = await theirs.getSupportedCurrencies({}, timeout);
    const codes = currencyCodes.filter(isKnown);
    // Of little worth in it is none of these, so that eight decimals say enough; most services know the first.
    const from = ["EUR", "USD", base].find((code) => codes.includes(code)) ?? codes[0] ?? base;
    const sample = { currencyCode: from, units: sampleUnits, nanos: 0 };
    const rates = await Promise.all(
      codes.map(async (code) => {
        if (code === from) return { code, rate: "1" };
        return { code, rate: rateText(await theirs.convert({ from: sample, toCode: code }, timeout)) };
      }),
    );
    const currencies = rates
      .filter(({ rate }) => rate !== "")
      .map(({ code, rate }) => ({ code, rate, decimals: decimalsOf(code) }));
    const id = createHash("sha256").update(JSON.stringify(rates)).digest("hex").slice(0, 16);
    const asOf = timestampFromDate(clock.now());
    const snapshot = { id: `hipstershop-${id}`, provider: "hipstershop", asOf };
    const answer = create(ListCurrenciesResponseSchema, { currencies, snapshot });
    this.#kept = { answer, atMs: clock.monotonicMs() };
    return answer;
  }
}

/** Empty for no rate: they say 0 for what they do not know. */
function rateText({ units, nanos }: hipstershop.Money): string {
  const billionths = units * 1_000_000_000n + BigInt(nanos);
  const scaled = divideHalfEven(billionths, 10n ** 7n);
  if (scaled <= 0n) return "";
  const digits = scaled.toString().padStart(9, "0");
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`.replace(/\.?0+$/, "");
}

function isKnown(code: string): boolean {
  try {
    return /^[A-Z]{3}$/.test(code) && decimalsOf(code) >= 0;
  } catch {
    return false;
  }
}
