// What stands between a service and one neighbour in another process: how many calls at once, what is sent again, and when to stop asking.
import {
  bulkhead,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  ExponentialBackoff,
  fullJitterGenerator,
  halfJitterGenerator,
  handleType,
  handleWhen,
  retry,
  type IBackoff,
  type IBreaker,
} from "cockatiel";
import type { Clock } from "#platform/kit/clock.ts";
import { AppError } from "#platform/kit/errors.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { neighbourBreaker, neighbourCalls } from "#platform/telemetry/metrics.ts";
import { countRetry, measuringCall } from "./rpc-status.ts";
import { endingWith, type Scope } from "./scope.ts";
import { Silence } from "./silence.ts";
import { isOfTheWay, notSent, unavailable, wasNotSent } from "./status.ts";

/** How the way to a neighbour is, as health and metrics show it. */
export interface NeighbourState {
  readonly caller: string;
  readonly neighbour: string;
  /** closed: calls go through. open: they are refused at once. half-open: it answers again, and one call tries. */
  readonly state: "closed" | "half-open" | "open";
  /** For how long it has been so, in milliseconds. */
  readonly sinceMs: number;
}

export interface GuardOptions {
  /** The service that calls. */
  readonly caller: string;
  /** The service that is called. */
  readonly neighbour: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asks the neighbour for a sign of life, whichever: true when one came in time. Never rejects. */
  readonly knock: (timeoutMs: number) => Promise<boolean>;
  /** Lets go of connections on which nothing comes back any more; the next knock dials anew. */
  readonly dialAnew?: () => void;
}

export interface GuardedCall {
  /** Deadline of the call, tries included. */
  readonly scope: Scope;
  /** Doing it twice is doing it once. */
  readonly isRepeatable: boolean;
}

/** Two hundred orders at once wait for their turn at the neighbour, not here; what is beyond waits here, and then no more. */
const callsAtOnceMax = 256;
const waitingMax = 1024;
/** One try, and two more at the most. */
const triesMax = 3;
const againDelays = { initialDelay: 50, maxDelay: 200, generator: fullJitterGenerator };
/** Tries beyond the first: this many at once, and from then on one for ten calls. */
const budgetMax = 10;
const budgetPerCall = 0.1;
/** As many failures in a row make us knock; so many of the last twenty calls open the breaker although something is answered. */
const failuresInARow = 5;
const failureRatio = { threshold: 0.75, size: 20, minimumNumberOfCalls: 10 };
const knockTimeoutMs = 500;
/** With jitter, so that callers in many processes do not knock in step. */
const knocksApart = new ExponentialBackoff({
  initialDelay: 250,
  maxDelay: 1_000,
  generator: halfJitterGenerator,
});
const trialsApart = new ExponentialBackoff({
  initialDelay: 500,
  maxDelay: 3_000,
  generator: halfJitterGenerator,
});
/** How long one call may keep the others waiting that tries whether the neighbour is well again. */
const trialWaitMs = 250;
/** When nobody asks so long after a sign of life, that counts as well. */
const idleTrialMs = 1_000;

type Outcome = "ok" | "refused" | "timeout" | "unavailable" | "not_sent" | "canceled";

/**
 * The guard of all calls of one service to one neighbour in another process. A neighbour that hangs costs its callers one time limit and
 * then milliseconds; one that is gone, milliseconds. While the breaker is open the guard knocks by itself, so no caller pays for finding
 * out: after the first sign of life one call tries, and when it is answered all go through. What a neighbour says, refusals included,
 * counts as an answer. Only failures of the way itself are tried again, so layers of services do not multiply their tries.
 */
export class NeighbourGuard {
  readonly #options: GuardOptions;
  readonly #evidence = new Evidence();
  readonly #breaker = circuitBreaker(
    handleWhen((error) => error instanceof WayFailure),
    // When to try again is decided here, on our clock.
    { halfOpenAfter: 0, breaker: this.#evidence },
  );
  readonly #bulkhead = bulkhead(callsAtOnceMax, waitingMax);
  readonly #again = retry(handleType(WorthAnother), {
    maxAttempts: triesMax - 1,
    backoff: new ExponentialBackoff(againDelays),
  });
  readonly #count: (outcome: Outcome) => void;
  #budget = budgetMax;
  readonly #silence: Silence;
  #sinceMs: number;
  #shown: NeighbourState["state"] = "closed";
  /** Since the breaker opened it has given a sign of life. */
  #isAlive = false;
  #failedKnocks = 0;
  #untilKnock: IBackoff<unknown> | undefined;
  #untilTrial: IBackoff<unknown> | undefined;
  #isKnocking = false;
  #timer: { stop(): void } | undefined;
  #trial: PromiseWithResolvers<void> | undefined;
  #isClosed = false;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.monotonicMs();
    this.#silence = new Silence({
      clock: options.clock,
      knock: () => options.knock(knockTimeoutMs),
      onDead: () => this.#giveUp(),
    });
    const labels = { service: options.caller, neighbour: options.neighbour };
    const counters = new Map<Outcome, { inc(): void }>();
    this.#count = (outcome) => {
      let counter = counters.get(outcome);
      if (!counter) counters.set(outcome, (counter = neighbourCalls.labels({ ...labels, outcome })));
      counter.inc();
    };
    neighbourBreaker.set(labels, 0);
    this.#again.onRetry(() => countRetry(options));
    this.#breaker.onBreak(() => this.#onOpen());
    this.#breaker.onReset(() => this.#onClose());
  }

  get state(): NeighbourState {
    const { caller, neighbour, clock } = this.#options;
    return { caller, neighbour, state: this.#shown, sinceMs: clock.monotonicMs() - this.#sinceMs };
  }

  /**
   * Makes a call, more than once where that is safe and helps. Rejects with what `attempt` rejects with; with an `unavailable` error for
   * which `wasNotSent` is true when nothing was sent because the neighbour does not answer or too many calls wait for it; with the
   * scope's reason when that ends first.
   */
  async call<T>(attempt: () => Promise<T>, call: GuardedCall): Promise<T> {
    return await measuringCall(this.#options, () => this.#callInTries(attempt, call));
  }

  async #callInTries<T>(attempt: () => Promise<T>, call: GuardedCall): Promise<T> {
    this.#budget = Math.min(budgetMax, this.#budget + budgetPerCall);
    let mayBeSent = false;
    try {
      return await this.#again.execute(async ({ attempt: number }) => {
        try {
          return await this.#once(attempt, call.scope);
        } catch (error) {
          mayBeSent ||= !wasNotSent(error);
          throw this.#isWorthAnother(error, number, call) ? new WorthAnother(error) : error;
        }
      });
    } catch (thrown) {
      const error: unknown = thrown instanceof WorthAnother ? thrown.cause : thrown;
      // Of the call as a whole it would be wrong: an earlier try may have done it.
      throw mayBeSent && wasNotSent(error) ? unavailable(String(error)) : error;
    }
  }

  /** Stops knocking. Calls under way are none of its business. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.stop();
    this.#silence.close();
  }

  #isWorthAnother(error: unknown, number: number, { scope, isRepeatable }: GuardedCall): boolean {
    if (number + 1 >= triesMax || scope.ended || ownRefusals.has(error as object)) return false;
    if (!isOfTheWay(error) || this.#shown === "open") return false;
    // The neighbour has nothing to do with it: it costs the budget nothing.
    if (wasNotSent(error)) return true;
    if (!isRepeatable || this.#budget < 1) return false;
    this.#budget -= 1;
    return true;
  }

  async #once<T>(attempt: () => Promise<T>, scope: Scope): Promise<T> {
    if (scope.ended) throw scope.ended;
    if (this.#breaker.state !== CircuitState.Closed) await this.#waitForTrial(scope);
    if (this.#bulkhead.executionSlots > 0)
      return await this.#bulkhead.execute(() => this.#try(attempt, scope));
    if (this.#bulkhead.queueSlots === 0) throw this.#refusal("Too many calls wait for it.");
    const waiting = this.#bulkhead.execute(() => this.#try(attempt, scope));
    return await endingWith(scope, waiting);
  }

  /** Passes when this call may go, perhaps as the one that tries; throws the refusal otherwise. */
  async #waitForTrial(scope: Scope): Promise<void> {
    if (this.#trial) {
      const { clock } = this.#options;
      const over = Promise.withResolvers<void>();
      const timer = clock.after(Math.min(trialWaitMs, scope.remainingMs), () => over.resolve());
      await Promise.race([this.#trial.promise, over.promise]);
      timer.stop();
      if (scope.ended) throw scope.ended;
    }
    if (!this.#mayTry()) throw this.#refusal("It does not answer.");
  }

  #mayTry(): boolean {
    const { state } = this.#breaker;
    return state === CircuitState.Closed || (state === CircuitState.Open && this.#isAlive && !this.#trial);
  }

  async #try<T>(attempt: () => Promise<T>, scope: Scope): Promise<T> {
    // It may have waited for its turn.
    if (scope.ended) throw scope.ended;
    if (!this.#mayTry()) throw this.#refusal("It does not answer.");
    if (this.#breaker.state === CircuitState.Open) this.#beginTrial();
    const answer = await this.#breaker.execute(() => this.#answerOf(attempt, scope)).catch(causeOfWayFailure);
    if ("refusal" in answer) throw answer.refusal;
    return answer.value;
  }

  /** An answer, be it a refusal; or throws what says that none came. */
  async #answerOf<T>(attempt: () => Promise<T>, scope: Scope): Promise<Answer<T>> {
    const startedMs = this.#silence.begin();
    try {
      const value = await attempt();
      this.#onAnswer("ok");
      return { value };
    } catch (error) {
      const outcome = outcomeOf(error, scope);
      if (outcome === "refused") {
        this.#onAnswer(outcome);
        return { refusal: error };
      }
      this.#count(outcome);
      if (outcome === "canceled") throw error;
      this.#evidence.isCertain = outcome === "timeout" && this.#silence.isStall(startedMs);
      if (!this.#evidence.isCertain && this.#evidence.inARow.failure()) void this.#knockBecauseOfDoubt();
      throw new WayFailure(error);
    } finally {
      this.#silence.end();
    }
  }

  #onAnswer(outcome: Outcome): void {
    this.#count(outcome);
    this.#silence.break();
    this.#evidence.inARow.success();
  }

  /** Failures in a row that cost little: a knock tells whether it is worth going on. */
  async #knockBecauseOfDoubt(): Promise<void> {
    if (this.#isKnocking || this.#breaker.state !== CircuitState.Closed) return;
    this.#isKnocking = true;
    const isAlive = await this.#options.knock(knockTimeoutMs);
    this.#isKnocking = false;
    if (!isAlive) this.#giveUp();
  }

  #giveUp(): void {
    if (this.#isClosed || this.#breaker.state !== CircuitState.Closed) return;
    this.#evidence.isCertain = true;
    const failed = () => Promise.reject(new WayFailure(new Error("It gave no sign of life.")));
    void this.#breaker.execute(failed).catch(() => undefined);
  }

  #beginTrial(): void {
    this.#timer?.stop();
    this.#trial = Promise.withResolvers();
    this.#show("half-open");
  }

  #onOpen(): void {
    const { neighbour, log } = this.#options;
    const isAgain = this.#trial !== undefined;
    this.#endTrial();
    this.#isAlive = false;
    this.#failedKnocks = 0;
    this.#untilKnock = undefined;
    this.#show("open");
    if (isAgain) {
      this.#untilTrial = this.#untilTrial?.next(undefined) ?? trialsApart.next();
      return this.#knockAfter(this.#untilTrial.duration);
    }
    this.#untilTrial = undefined;
    log.warn(
      { neighbour },
      `The ${neighbour} service does not answer: calls to it are refused at once until it does.`,
    );
    void this.#knock();
  }

  #onClose(): void {
    const { neighbour, log } = this.#options;
    this.#timer?.stop();
    this.#endTrial();
    this.#isAlive = false;
    this.#show("closed");
    log.info({ neighbour }, `The ${neighbour} service answers again.`);
  }

  #endTrial(): void {
    this.#trial?.resolve();
    this.#trial = undefined;
  }

  #knockAfter(ms: number): void {
    this.#timer?.stop();
    if (!this.#isClosed) this.#timer = this.#options.clock.after(ms, () => void this.#knock());
  }

  async #knock(): Promise<void> {
    const isAlive = await this.#options.knock(knockTimeoutMs);
    if (this.#isClosed || this.#breaker.state !== CircuitState.Open) return;
    if (!isAlive) {
      this.#failedKnocks += 1;
      if (this.#failedKnocks % 2 === 0) this.#options.dialAnew?.();
      this.#untilKnock = this.#untilKnock?.next(undefined) ?? knocksApart.next();
      return this.#knockAfter(this.#untilKnock.duration);
    }
    this.#isAlive = true;
    this.#show("half-open");
    this.#timer = this.#options.clock.after(idleTrialMs, () => {
      if (this.#breaker.state !== CircuitState.Open || this.#trial) return;
      void this.#breaker.execute(() => Promise.resolve());
    });
  }

  #show(state: NeighbourState["state"]): void {
    if (this.#shown === state) return;
    const { caller, neighbour, clock } = this.#options;
    this.#shown = state;
    this.#sinceMs = clock.monotonicMs();
    neighbourBreaker.set({ service: caller, neighbour }, { closed: 0, "half-open": 1, open: 2 }[state]);
  }

  #refusal(reason: string): AppError {
    this.#count("not_sent");
    const refusal = notSent(unavailable(`The ${this.#options.neighbour} service was not asked. ${reason}`));
    ownRefusals.add(refusal);
    return refusal;
  }
}

/** What guards refused themselves: they have waited as long as helps, and the next try would only wait once more. */
const ownRefusals = new WeakSet<object>();

type Answer<T> = { readonly value: T } | { readonly refusal: unknown };

/** No answer came: the only thing that the breaker counts against a neighbour. */
class WayFailure extends Error {
  constructor(cause: unknown) {
    super("No answer came.", { cause });
  }
}

/** The call may be made once more. */
class WorthAnother extends Error {
  constructor(cause: unknown) {
    super("The call is made once more.", { cause });
  }
}

/** What the breaker decides by: certainty, or most of the last calls. */
class Evidence implements IBreaker {
  state: unknown;
  readonly inARow = new ConsecutiveBreaker(failuresInARow);
  readonly #ratio = new CountBreaker(failureRatio);
  isCertain = false;

  success(state: CircuitState): void {
    this.#ratio.success(state);
    this.inARow.success();
  }

  failure(state: CircuitState): boolean {
    const isMost = this.#ratio.failure(state);
    const isCertain = this.isCertain;
    this.isCertain = false;
    return isCertain || isMost;
  }
}

function outcomeOf(error: unknown, scope: Scope): Outcome {
  if (error === scope.ended) return scope.ended?.kind === "canceled" ? "canceled" : "timeout";
  if (!isOfTheWay(error)) return "refused";
  return error instanceof AppError && error.kind === "deadline_exceeded" ? "timeout" : "unavailable";
}

function causeOfWayFailure(error: unknown): never {
  throw error instanceof WayFailure ? error.cause : error;
}
