import type { Clock } from "#platform/kit/clock.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import type { SearchEngine, SearchQuestion } from "./provider.ts";

/** Longer than this nobody waits for an engine: our own search is there. */
const timeoutMs = 500;
/** After a failure it is left alone for so long; then one search tries it. */
const restMs = 5_000;

const searches = counter(
  "stoa_catalog_engine_searches_total",
  "Searches in a shop with a search engine, by who answered: the engine, or the house because the engine did not.",
  ["answered"],
);

/** Asks the engine of CATALOG_SEARCH so that it can be slow, wrong or away without anybody noticing more than another order. */
export class EngineSearch {
  readonly #engine: SearchEngine;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Undefined while it answers. */
  #restsUntilMs: number | undefined;

  constructor(engine: SearchEngine, clock: Clock, log: Logger) {
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
  }

  /** Ids of products, best first; undefined when the engine does not answer. Never rejects. */
  async find(question: SearchQuestion): Promise<readonly string[] | undefined> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#restsUntilMs !== undefined) {
      if (this.#restsUntilMs > nowMs) return this.#byHouse();
      // Whoever comes next while we try does not wait for it.
      this.#restsUntilMs = nowMs + restMs;
    }
    try {
      const found = cleanIds(await this.#ask(question), question.limit);
      if (this.#restsUntilMs !== undefined) this.#log.info({}, "The search engine answers again.");
      this.#restsUntilMs = undefined;
      searches.inc({ answered: "engine" });
      return found;
    } catch (error) {
      if (this.#restsUntilMs === undefined)
        this.#log.warn({ err: error }, "The search engine does not answer; the catalogue searches itself.");
      this.#restsUntilMs = this.#clock.monotonicMs() + restMs;
      return this.#byHouse();
    }
  }

  #byHouse(): undefined {
    searches.inc({ answered: "house" });
  }

  async #ask(question: SearchQuestion): Promise<readonly string[]> {
    const stop = new AbortController();
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.after(timeoutMs, () => {
      const error = new Error(`The search engine has not answered within ${timeoutMs} ms.`);
      late.reject(error);
      stop.abort(error);
    });
    try {
      return await Promise.race([this.#engine.search(question, stop.signal), late.promise]);
    } finally {
      timer.stop();
    }
  }
}

/** An engine may be wrong about everything: what is no id, or twice there, would be wrong in our statement. */
function cleanIds(found: readonly string[], limit: number): string[] {
  return [...new Set(found.map((id) => id.toLowerCase()).filter(isUuid))].slice(0, limit);
}
