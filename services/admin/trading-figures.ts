import type { Figures } from "#gen/rest/types.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { todayAndLastWeek } from "./trading-day.ts";

export interface TwoDays {
  readonly today: Figures;
  readonly lastWeek: Figures;
}

const keptMs = 15_000;

/** What was sold today and last week: asked once in fifteen seconds, however many of the staff look. */
export class TradingFigures {
  readonly #clock: Clock;
  readonly #timeZone: string;
  #kept: { readonly days: Promise<TwoDays | undefined>; readonly askedMs: number } | undefined;

  constructor(clock: Clock, timeZone: string) {
    this.#clock = clock;
    this.#timeZone = timeZone;
  }

  /** Undefined when it cannot be said; then it is asked again. */
  async read(ask: (from: string, until: string) => Promise<Figures>): Promise<TwoDays | undefined> {
    const nowMs = this.#clock.monotonicMs();
    if (!this.#kept || nowMs - this.#kept.askedMs > keptMs) {
      const days = this.#ask(ask).catch(() => undefined);
      const kept = { days, askedMs: nowMs };
      this.#kept = kept;
      void days.then((found) => {
        if (!found && this.#kept === kept) this.#kept = undefined;
      });
    }
    return await this.#kept.days;
  }

  async #ask(ask: (from: string, until: string) => Promise<Figures>): Promise<TwoDays> {
    const { today, lastWeek } = todayAndLastWeek(this.#clock.now(), this.#timeZone);
    const [now, before] = await Promise.all(
      [today, lastWeek].map(async ({ from, until }) => await ask(from.toISOString(), until.toISOString())),
    );
    if (!now || !before) throw new Error("Figures of two days were asked for.");
    return { today: now, lastWeek: before };
  }
}
