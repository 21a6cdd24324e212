import type { Clock } from "#platform/kit/clock.ts";

export interface SilenceOptions {
  readonly clock: Clock;
  /** Asks the neighbour for a sign of life: true when one came in time. Never rejects. */
  readonly knock: () => Promise<boolean>;
  /** Called when it gave none, twice in a row, while calls waited and none was answered. */
  readonly onDead: () => void;
}

/** Calls that wait so long while none is answered are reason to ask whether anybody is there. */
const quietMs = 250;
const askAgainMs = 500;
const unansweredMax = 2;

/**
 * Whether a neighbour says anything while calls wait for it. A call that takes long among others that are answered says nothing about the
 * neighbour; calls that wait and none that is answered make it knock, long before their time limits are over. Costs one timer for all calls.
 */
export class Silence {
  readonly #options: SilenceOptions;
  #waiting = 0;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #lastAnswerMs = Number.NEGATIVE_INFINITY;
  #askedMs = Number.NEGATIVE_INFINITY;
  #sign: "not asked" | "asked" | "alive" | "dead" = "not asked";
  #unanswered = 0;
  #stalls = 0;
  #timer: { stop(): void } | undefined;

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** A call begins to wait; answers when. */
  begin(): number {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#waiting === 0) this.#sinceMs = nowMs;
    this.#waiting += 1;
    this.#timer ??= this.#options.clock.after(quietMs, () => this.#look());
    return nowMs;
  }

  /** A call waits no longer. */
  end(): void {
    this.#waiting -= 1;
  }

  /** Something was answered, whatever it was. */
  break(): void {
    this.#lastAnswerMs = this.#sinceMs = this.#options.clock.monotonicMs();
    this.#sign = "not asked";
    this.#unanswered = this.#stalls = 0;
  }

  /**
   * Whether a call that began then and has come to its time limit shows that the neighbour hangs: nothing was answered since. Where its
   * process gave a sign of life, the second such call in a row does; a limit too short to have knocked within it shows nothing.
   */
  isStall(startedMs: number): boolean {
    if (this.#lastAnswerMs >= startedMs || this.#sign === "not asked") return false;
    if (this.#sign !== "alive") return true;
    this.#stalls += 1;
    return this.#stalls > 1;
  }

  close(): void {
    this.#timer?.stop();
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#waiting === 0) return;
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const leftMs = quietMs - (nowMs - this.#sinceMs);
    // Timers come a moment early now and then.
    const isQuiet = leftMs <= 2;
    if (isQuiet && nowMs - this.#askedMs >= askAgainMs) void this.#ask(nowMs);
    this.#timer = clock.after(isQuiet ? quietMs : leftMs, () => this.#look());
  }

  async #ask(nowMs: number): Promise<void> {
    this.#askedMs = nowMs;
    if (this.#sign === "not asked") this.#sign = "asked";
    const isAlive = await this.#options.knock();
    // An answer that came meanwhile says more.
    if (this.#lastAnswerMs >= nowMs) return;
    this.#sign = isAlive ? "alive" : "dead";
    this.#unanswered = isAlive ? 0 : this.#unanswered + 1;
    if (this.#unanswered >= unansweredMax && this.#waiting > 0) this.#options.onDead();
  }
}
