import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { TrustService } from "#gen/stoa/platform/v1/trust_pb.js";
import { appError } from "#platform/kit/errors.ts";
import { keysFromJwks, type Trust, type TrustSource } from "./token.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { trustAsked } from "#platform/telemetry/metrics.ts";
import type { Client } from "#platform/rpc/contract.ts";

/** While tokens come, the issuer is asked again so long after its last answer; a revocation is seen within this time and two calls. */
const refreshMs = 1_500;
/** The same while none came for a minute: still often enough for a logout to be seen within five seconds by whoever comes then. */
const quietRefreshMs = 3_500;
const quietAfterMs = 60_000;
/** Until there is an answer. */
const retryMs = 500;
const answerMsMax = 2_000;
/** So long the very first token waits; the next ones, until there is an answer, not at all. */
const firstAnswerMsMax = 1_000;
/** A token of a key nobody has seen waits so long for the issuer's newer ones, and not more often than once a second. */
const newerMsMax = 400;
const newerEveryMs = 1_000;
/** While the issuer is away, the log says it so often. */
const sayEveryMs = 60_000;

/**
 * The issuer's keys and revocations. Once there was an answer nobody waits for the issuer: the last known ones are in force while it
 * is asked behind them, by the clock, from `start` or the first token on. How old they are goes with each verdict (`askedMs`); guards
 * set their bounds by it. One for a process, whatever services are in it.
 */
export class TrustCache implements TrustSource {
  readonly #issuer: Client<typeof TrustService>;
  readonly #clock: Clock;
  readonly #log: Logger;
  #trust: Trust | undefined;
  #fetching: Promise<void> | undefined;
  #timer: { stop(): void } | undefined;
  #hasFailed = false;
  #isClosed = false;
  #usedMs = -Infinity;
  #attemptMs = -Infinity;
  #newerMs = -Infinity;
  #saidMs = -Infinity;

  constructor(issuer: Client<typeof TrustService>, clock: Clock, log: Logger) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#log = log;
  }

  /** Begins to ask, so that there is an answer before the first token comes. */
  start(): void {
    this.#begin();
  }

  /** Ends the asking. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.stop();
  }

  /** At once, once there was an answer. Before that the first to ask wait a second at most; then it is TRUST_UNKNOWN. */
  readonly current = async (): Promise<Trust> => {
    const known = this.known();
    if (known) return known;
    if (!this.#hasFailed) await this.#fetching;
    if (!this.#trust)
      throw appError("unavailable", "TRUST_UNKNOWN", {
        publicMessage: "Sign-ins cannot be checked right now. Try again in a moment.",
        retryAfterSeconds: 2,
      });
    return this.#trust;
  };

  readonly known = (): Trust | undefined => {
    this.#usedMs = this.#clock.monotonicMs();
    // Also after a process was stopped and goes on: what its timer missed is asked now.
    if (this.#isDue()) this.#begin();
    return this.#trust;
  };

  readonly newer = async (): Promise<Trust | undefined> => {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#newerMs < newerEveryMs) return this.#trust;
    this.#newerMs = nowMs;
    this.#begin();
    const late = Promise.withResolvers<void>();
    const timer = this.#clock.after(newerMsMax, () => late.resolve());
    await Promise.race([this.#fetching, late.promise]);
    timer.stop();
    return this.#trust;
  };

  #isDue(): boolean {
    return this.#clock.monotonicMs() - this.#attemptMs >= (this.#trust ? refreshMs : retryMs);
  }

  /** Asks, unless that is under way. */
  #begin(): void {
    if (this.#fetching || this.#isClosed) return;
    this.#timer?.stop();
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined;
      this.#askLater();
    });
  }

  #askLater(): void {
    if (this.#isClosed) return;
    const isQuiet = this.#clock.monotonicMs() - this.#usedMs >= quietAfterMs;
    const usualMs = isQuiet ? quietRefreshMs : refreshMs;
    this.#timer?.stop();
    this.#timer = this.#clock.after(this.#trust ? usualMs : retryMs, () => this.#begin());
  }

  /** Never rejects. */
  async #fetch(): Promise<void> {
    const askedMs = this.#clock.monotonicMs();
    this.#attemptMs = askedMs;
    const timeoutMs = this.#trust ? answerMsMax : firstAnswerMsMax;
    try {
      const answer = await this.#issuer.getTrust({}, { timeoutMs });
      this.#trust = {
        askedMs,
        keys: keysFromJwks(answer.jwksJson),
        revokedTokenIds: new Set(answer.revokedTokens.map(({ tokenId }) => tokenId)),
        cutoffsMs: new Map(
          answer.cutoffs.flatMap(({ userId, notBefore }) =>
            notBefore ? [[userId, timestampMs(notBefore)]] : [],
          ),
        ),
      };
      trustAsked.set(this.#clock.now().getTime() / 1000);
      if (this.#hasFailed) this.#log.info({}, "Keys and revocations are refreshed again.");
      this.#hasFailed = false;
      this.#saidMs = -Infinity;
    } catch (error) {
      this.#hasFailed = true;
      this.#sayFailed(error);
    }
  }

  #sayFailed(error: unknown): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#saidMs < sayEveryMs) return;
    this.#saidMs = nowMs;
    this.#log.warn(
      { err: error },
      this.#trust
        ? "Keys and revocations could not be refreshed; the last known ones stay in force, for admins for a minute."
        : "No keys could be fetched from the user service yet: until then guests are believed, and accounts get 503.",
    );
  }
}
