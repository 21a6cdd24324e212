// How many requests are under way at once in a process that cannot keep up, and whose turn it is.
import type { Clock } from "#platform/kit/clock.ts";

/** Who goes first where not all can be served: `last` gives way first, `always` never. */
export type Precedence = "always" | "first" | "second" | "last";
/** Whose turn may have to be waited for. */
export type Class = Exclude<Precedence, "always">;

export interface GateOptions {
  readonly clock: Clock;
  /** Told of the limit whenever it changes. */
  readonly onLimit?: (limit: number) => void;
}

/** A request that was let in; `leave` is to be called once it has been answered, or its caller has gone. */
export interface Pass {
  leave(): void;
}

/** Requests under way at once: with so many, nothing has been found to be too much yet. */
const limitMax = 1_000;
/** So many are let in whatever it looks like: with so few, waiting is not the fault of those who ask. */
const limitMin = 32;
/** An answer that takes longer is late, in ms: well below the limit of the journeys of each class, at which its work is thrown away. */
const lateMs: Readonly<Record<Class, number>> = { first: 2_000, second: 800, last: 300 };
/** Up to this part of the limit, all classes together, a class is let in: the room above is for those before it. */
const share: Readonly<Record<Class, number>> = { first: 1, second: 0.85, last: 0.7 };
/** A class is let in below this part of its own, whatever the others do: nobody is starved. */
const floor: Readonly<Record<Class, number>> = { first: 0.2, second: 0.1, last: 0.3 };
/** What takes long and goes first would fill all the room there is; this much of it is left to others. */
const firstMax = 0.7;
/** Those who go first wait for their turn, so many and so long. */
const lineMax = 1_000;
const lineMs = 3_000;

const lookEveryMs = 250;
const sampleEveryMs = 50;
/** An event loop that was late by so much every time, so many times in a row, has more to do than it can. */
const loopLateMs = 150;
const samplesMin = 4;
/** Fewer answers say nothing. */
const answersMin = 8;
/** Below this part of its time at work, a process is not what orders wait for: a payment firm may take its seconds. */
const busyMin = 0.5;

interface Waiting {
  readonly sinceMs: number;
  readonly told: (pass: Pass | undefined) => void;
  isGone: boolean;
}

/**
 * Bounds what is under way, by what is measured: every quarter of a second the limit sinks by a fifth when more than half of the answers
 * were late, or the event loop never turned in time, and grows by a tenth when it was in the way although the answers were in time.
 * A process with nothing to do forgets it. So nothing has to be set, whatever a machine can do, and what is let in is answered while
 * somebody still waits for it. Bursts do not matter: it is the least of some delays in a row that counts, not the greatest (CoDel,
 * RFC 8289); multiplicative decrease and slow growth are those of TCP. Not for use by more than one thread.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #onLimit: (limit: number) => void;
  readonly #underWay: Record<Class, number> = { first: 0, second: 0, last: 0 };
  readonly #line: Waiting[] = [];
  #limit = limitMax;
  #peak = 0;
  #answers = 0;
  #late = 0;
  #wasInTheWay = false;
  #lastSamples: number[] = [];
  #loopLateMs = 0;
  #isAwake = false;
  #isBusy = false;
  #utilization = performance.eventLoopUtilization();

  constructor({ clock, onLimit = () => undefined }: GateOptions) {
    this.#clock = clock;
    this.#onLimit = onLimit;
  }

  get limit(): number {
    return this.#limit;
  }

  get underWay(): number {
    return this.#underWay.first + this.#underWay.second + this.#underWay.last;
  }

  /**
   * Calls `told` with a pass when it is this request's turn, with undefined when there is no room for it: at once, or for those who go
   * first within three seconds. Who waits gets a function, to be called when the caller has gone meanwhile.
   */
  enter(precedence: Class, told: (pass: Pass | undefined) => void): (() => void) | undefined {
    this.#wake();
    if (this.#hasRoom(precedence)) {
      told(this.#letIn(precedence));
      return undefined;
    }
    this.#wasInTheWay = true;
    if (precedence !== "first" || this.#line.length >= lineMax) {
      told(undefined);
      return undefined;
    }
    const waiting = { sinceMs: this.#clock.monotonicMs(), told, isGone: false };
    this.#line.push(waiting);
    return () => {
      waiting.isGone = true;
    };
  }

  /** True when such a request is to be turned away now, as `enter` would. */
  isClosedTo(precedence: Class): boolean {
    if (this.#hasRoom(precedence)) return false;
    if (precedence === "first" && this.#line.length < lineMax) return false;
    this.#wasInTheWay = true;
    return true;
  }

  #hasRoom(precedence: Class): boolean {
    const own = this.#underWay[precedence];
    if (own < this.#limit * floor[precedence]) return true;
    if (precedence === "first" && own >= this.#limit * firstMax) return false;
    return this.underWay < this.#limit * share[precedence];
  }

  #letIn(precedence: Class): Pass {
    const startedMs = this.#clock.monotonicMs();
    this.#underWay[precedence] += 1;
    this.#peak = Math.max(this.#peak, this.underWay);
    let hasLeft = false;
    return {
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        this.#leave(precedence, this.#clock.monotonicMs() - startedMs);
      },
    };
  }

  #leave(precedence: Class, tookMs: number): void {
    this.#underWay[precedence] -= 1;
    this.#callNext();
    if (precedence === "first" && !this.#isBusy) return;
    this.#answers += 1;
    if (tookMs + this.#loopLateMs > lateMs[precedence]) this.#late += 1;
  }

  #callNext(): void {
    while (this.#line.length > 0 && this.#hasRoom("first")) {
      const next = this.#line.shift();
      if (next && !next.isGone) next.told(this.#letIn("first"));
    }
  }

  #wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    this.#lastSamples = [];
    this.#sample();
    this.#clock.after(lookEveryMs, () => this.#look());
  }

  #sample(): void {
    const dueMs = this.#clock.monotonicMs() + sampleEveryMs;
    this.#clock.after(sampleEveryMs, () => {
      this.#lastSamples = [...this.#lastSamples.slice(1 - samplesMin), this.#clock.monotonicMs() - dueMs];
      if (this.#isAwake) this.#sample();
    });
  }

  #look(): void {
    const isLate = this.#answers >= answersMin && this.#late > this.#answers / 2;
    this.#loopLateMs =
      this.#lastSamples.length < samplesMin ? 0 : Math.max(0, Math.min(...this.#lastSamples));
    const before = this.#utilization;
    this.#utilization = performance.eventLoopUtilization();
    this.#isBusy = performance.eventLoopUtilization(this.#utilization, before).utilization > busyMin;
    const { underWay } = this;
    if (isLate || this.#loopLateMs > loopLateMs)
      this.#setLimit(Math.max(limitMin, Math.min(this.#limit, this.#peak) * 0.8));
    else if (this.#wasInTheWay && this.#late < this.#answers / 4)
      this.#setLimit(Math.min(limitMax, this.#limit * 1.1 + 1));
    this.#answers = this.#late = 0;
    this.#wasInTheWay = false;
    this.#peak = underWay;
    this.#endLongWaits();
    this.#callNext();
    this.#isAwake = this.underWay > 0 || this.#line.length > 0;
    if (this.#isAwake) this.#clock.after(lookEveryMs, () => this.#look());
    else this.#setLimit(limitMax);
  }

  #endLongWaits(): void {
    const beforeMs = this.#clock.monotonicMs() - lineMs;
    while ((this.#line[0]?.sinceMs ?? Number.POSITIVE_INFINITY) < beforeMs) {
      const first = this.#line.shift();
      if (first && !first.isGone) first.told(undefined);
    }
  }

  #setLimit(limit: number): void {
    const rounded = Math.round(limit);
    if (rounded === this.#limit) return;
    this.#limit = rounded;
    this.#onLimit(rounded);
  }
}
