import type { Clock } from "#platform/kit/clock.ts";
import type { Api, ApiCaller } from "./api.ts";
import type { Session } from "./api-types.ts";

/**
 * Trades refresh tokens for new sessions. A refresh token works once, and using it twice ends the whole session; a browser
 * that opens three pages at once sends it three times. All three get the one answer.
 */
export class Renewals {
  readonly #api: Pick<Api, "send">;
  readonly #clock: Clock;
  readonly #renewed = new Map<string, Promise<Session>>();

  constructor(api: Pick<Api, "send">, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  async renew(refreshToken: string, caller: ApiCaller): Promise<Session> {
    const known = this.#renewed.get(refreshToken);
    if (known) return await known;
    const renewing = this.#api.send<Session>(
      { method: "POST", path: "/api/users/refresh", body: { refreshToken } },
      { ...caller, token: undefined },
    );
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
