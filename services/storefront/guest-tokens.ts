import type { Clock } from "#platform/kit/clock.ts";
import type { ApiCaller } from "#platform/web/rest-api.ts";
import type { Guest } from "#gen/rest/types.ts";

interface Known {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface GuestSource {
  /** Makes a token here, without asking anybody. */
  readonly sign: (sessionKey: string) => { readonly token: string; readonly expiresAt: Date };
  /** Has one made by the API, for one that was signed here and refused: behind it may be services of the release before. */
  readonly ask: (sessionKey: string, caller: ApiCaller) => Promise<Pick<Guest, "token" | "expiresAt">>;
}

/** Tokens of visitors who did not sign in, by session cookie; the least recently used go first. */
export class GuestTokens {
  readonly #source: GuestSource;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #refused = new Set<string>();
  readonly #asking = new Map<string, Promise<string>>();

  constructor(source: GuestSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The token if it is at hand. */
  find(sessionKey: string): string | undefined {
    const known = this.#known.get(sessionKey);
    if (!known) return undefined;
    this.#known.delete(sessionKey);
    if (known.expiresAtMs - renewBeforeMs <= this.#clock.now().getTime()) return undefined;
    this.#known.set(sessionKey, known);
    return known.token;
  }

  /** The token, made at once; only one that was refused is asked for, once for all pages that a visitor opens together. */
  async get(sessionKey: string, caller: ApiCaller): Promise<string> {
    const known = this.find(sessionKey);
    if (known !== undefined) return known;
    const underWay = this.#asking.get(sessionKey);
    if (underWay) return await underWay;
    if (!this.#refused.delete(sessionKey)) {
      const { token, expiresAt } = this.#source.sign(sessionKey);
      return this.#keep(sessionKey, { token, expiresAtMs: expiresAt.getTime() });
    }
    const asking = this.#ask(sessionKey, caller);
    this.#asking.set(sessionKey, asking);
    return await asking;
  }

  /** Forgets a token that was refused. */
  forget(sessionKey: string, token: string): void {
    if (this.#known.get(sessionKey)?.token !== token) return;
    this.#known.delete(sessionKey);
    if (this.#refused.size >= refusedMax) this.#refused.clear();
    this.#refused.add(sessionKey);
  }

  async #ask(sessionKey: string, caller: ApiCaller): Promise<string> {
    try {
      const { token, expiresAt } = await this.#source.ask(sessionKey, caller);
      return this.#keep(sessionKey, { token, expiresAtMs: Date.parse(expiresAt) });
    } finally {
      this.#asking.delete(sessionKey);
    }
  }

  #keep(sessionKey: string, known: Known): string {
    this.#known.set(sessionKey, known);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size > knownMax && oldest !== undefined) this.#known.delete(oldest);
    return known.token;
  }
}

const knownMax = 20_000;
const refusedMax = 1_000;
const renewBeforeMs = 60 * 60_000;
