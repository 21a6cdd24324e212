import type { Clock } from "#platform/kit/clock.ts";

/**
 * Refresh tokens are good once, but a browser opens many pages at once and each comes with the same one. All of them get the
 * answer of the first, for half a minute; a renewal that failed is not remembered. Replicas share nothing: what they ask for together
 * the user service answers each with a pair of its own.
 */
export class Renewals<Session, Caller> {
  readonly #renew: (refreshToken: string, caller: Caller) => Promise<Session>;
  readonly #clock: Clock;
  readonly #renewed = new Map<string, Promise<Session>>();

  constructor(renew: (refreshToken: string, caller: Caller) => Promise<Session>, clock: Clock) {
    this.#renew = renew;
    this.#clock = clock;
  }

  /** The session that follows on this refresh token. Rejects as the renewal does. */
  async renew(refreshToken: string, caller: Caller): Promise<Session> {
    const known = this.#renewed.get(refreshToken);
    if (known) return await known;
    const renewing = this.#renew(refreshToken, caller);
    this.#renewed.set(refreshToken, renewing);
    this.#clock.after(rememberMs, () => this.#renewed.delete(refreshToken));
    try {
      return await renewing;
    } catch (error) {
      this.#renewed.delete(refreshToken);
      throw error;
    }
  }
}

/** Longer than a browser waits with pages it opened together. */
const rememberMs = 30_000;
