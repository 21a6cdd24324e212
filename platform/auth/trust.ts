import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { TrustService } from "#gen/stoa/platform/v1/trust_pb.js";
import { keysFromJwks, type Trust } from "./token.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Client } from "#platform/rpc/contract.ts";

/** A revocation is seen everywhere within this time plus one call. */
const freshMs = 1_500;
/** An issuer that is well answers sooner; nobody waits longer for one that hangs, in any of the services of a chain. */
const patienceMs = 400;
const answerMsMax = 3_000;
const firstAnswerMsMax = 1_000;
/** So long after it was late or away nobody waits for it at all, while it is asked again and again. */
const lateMs = 10_000;

/**
 * The issuer's keys and revocations, fetched at most every 1.5 s and only when somebody asks. While the issuer is away or hangs the
 * last good answer goes on: signed-in people keep working, and wait for it once, not with every request.
 */
export class TrustCache {
  readonly #issuer: Client<typeof TrustService>;
  readonly #clock: Clock;
  readonly #log: Logger;
  #trust: Trust | undefined;
  #fetchedMs = 0;
  #fetching: Promise<Trust> | undefined;
  #lateUntilMs = 0;

  constructor(issuer: Client<typeof TrustService>, clock: Clock, log: Logger) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#log = log;
  }

  /** Rejects only when no answer was ever had. */
  async current(): Promise<Trust> {
    if (this.#trust && this.#clock.monotonicMs() - this.#fetchedMs < freshMs) return this.#trust;
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    // Without a word of the issuer there is nothing to go on with.
    if (!this.#trust) return await this.#fetching;
    if (this.#clock.monotonicMs() >= this.#lateUntilMs) await this.#inPatience(this.#fetching);
    return this.#trust;
  }

  async #inPatience(fetching: Promise<Trust>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#clock.after(patienceMs, () => {
      this.#lateUntilMs = this.#clock.monotonicMs() + lateMs;
      late.resolve();
    });
    await Promise.race([fetching, late.promise]);
    timer.stop();
  }

  async #fetch(): Promise<Trust> {
    try {
      const answer = await this.#issuer.getTrust(
        {},
        { timeoutMs: this.#trust ? answerMsMax : firstAnswerMsMax },
      );
      this.#trust = {
        keys: keysFromJwks(answer.jwksJson),
        revokedTokenIds: new Set(answer.revokedTokens.map(({ tokenId }) => tokenId)),
        cutoffsMs: new Map(
          answer.cutoffs.flatMap(({ userId, notBefore }) =>
            notBefore ? [[userId, timestampMs(notBefore)]] : [],
          ),
        ),
      };
      this.#lateUntilMs = 0;
    } catch (error) {
      if (!this.#trust) throw error;
      this.#lateUntilMs = this.#clock.monotonicMs() + lateMs;
      this.#log.warn(
        { err: error },
        "Keys and revocations could not be refreshed; the last known ones stay in force.",
      );
    }
    this.#fetchedMs = this.#clock.monotonicMs();
    return this.#trust;
  }
}
