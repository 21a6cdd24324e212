import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { TrustService } from "#gen/stoa/platform/v1/trust_pb.js";
import { keysFromJwks, type Trust } from "./token.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Client } from "#platform/rpc/contract.ts";

/** A revocation is seen everywhere within this time plus one call. */
const freshMs = 1_500;

/**
 * The issuer's keys and revocations, fetched at most every 1.5 s and only when somebody asks. While the issuer is away the
 * last good answer goes on: signed-in people keep working.
 */
export class TrustCache {
  readonly #issuer: Client<typeof TrustService>;
  readonly #clock: Clock;
  readonly #log: Logger;
  #trust: Trust | undefined;
  #fetchedMs = 0;
  #fetching: Promise<Trust> | undefined;

  constructor(issuer: Client<typeof TrustService>, clock: Clock, log: Logger) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#log = log;
  }

  /** Rejects only when no answer was ever had. */
  async current(): Promise<Trust> {
    if (this.#trust && this.#clock.monotonicMs() - this.#fetchedMs < freshMs) return this.#trust;
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    return await this.#fetching;
  }

  async #fetch(): Promise<Trust> {
    try {
      const answer = await this.#issuer.getTrust({}, { timeoutMs: 1_000 });
      this.#trust = {
        keys: keysFromJwks(answer.jwksJson),
        revokedTokenIds: new Set(answer.revokedTokens.map(({ tokenId }) => tokenId)),
        cutoffsMs: new Map(
          answer.cutoffs.flatMap(({ userId, notBefore }) =>
            notBefore ? [[userId, timestampMs(notBefore)]] : [],
          ),
        ),
      };
    } catch (error) {
      if (!this.#trust) throw error;
      this.#log.warn(
        { err: error },
        "Keys and revocations could not be refreshed; the last known ones stay in force.",
      );
    }
    this.#fetchedMs = this.#clock.monotonicMs();
    return this.#trust;
  }
}
