// Exchange rates as a process last heard them, so that prices can be shown while nobody gives new ones.
import type { Clock } from "./clock.ts";
import { convertAt, parseRate, rateOne } from "./exchange.ts";
import { LastKnown, type Heard, type Kept } from "./last-known.ts";
import type { Money } from "./money.ts";

/** Rates for so long are not asked for again. */
const freshMs = 1_000;
const patience = { patienceMs: 250, lateMs: 3_000 };
const hourMs = 3_600_000;

/** Requirement X3: rates that nobody has confirmed for a day are old, after three days nothing is sold at them. */
export const staleAfterMs = 24 * hourMs;
export const refusedAfterMs = 72 * hourMs;

/**
 * The rates of a shop, asked for at most once a second, however many prices are shown. While they cannot be had, those heard last go
 * on, and say how long ago that was.
 */
export class KeptRates<Answer> {
  readonly #clock: Clock;
  readonly #fetch: () => Promise<Answer>;
  readonly #last: LastKnown;
  #kept: Kept<Answer> | undefined;
  #fetching: Promise<Answer> | undefined;

  /** `fetch` ends by itself; whoever asks shares it with others. */
  constructor(clock: Clock, fetch: () => Promise<Answer>) {
    this.#clock = clock;
    this.#fetch = fetch;
    this.#last = new LastKnown(clock, patience);
  }

  /** Rejects only when none were ever heard. */
  async current(): Promise<Heard<Answer>> {
    const kept = this.#kept;
    if (kept && this.#clock.monotonicMs() - kept.atMs < freshMs) return { value: kept.value };
    return await this.#last.ask({
      ask: () => (this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined))),
      known: () => this.#kept,
      keep: (value) => (this.#kept = { value, atMs: this.#clock.monotonicMs() }),
    });
  }
}

const int64Max = 2n ** 63n - 1n;

/**
 * The amounts in another currency, each rounded once, half to even. `units` are those of each currency for one of what all of them are
 * given against, as exact decimal strings. Undefined where the rates do not tell or an amount would not fit:
 * whoever publishes the rates has the words for that.
 */
export function convertWith(
  units: ReadonlyMap<string, string>,
  amounts: readonly Money[],
  toCode: string,
  baseCurrency: string,
): Money[] | undefined {
  const rateOf = (code: string) => {
    const text = units.get(code);
    return text === undefined || text === "" ? undefined : parseRate(text);
  };
  const to = rateOf(toCode);
  const converted: Money[] = [];
  for (const amount of amounts) {
    const from = rateOf(amount.currencyCode);
    const isBase = amount.currencyCode === baseCurrency && toCode === baseCurrency;
    const pair = from !== undefined && to !== undefined ? { from, to } : isBase ? one : undefined;
    if (!pair) return undefined;
    const money = convertAt(amount, toCode, pair);
    if (money.minor > int64Max || money.minor < -int64Max) return undefined;
    converted.push(money);
  }
  return converted;
}

const one = { from: rateOne, to: rateOne };
