import type { Clock } from "#platform/kit/clock.ts";
import type { ApiCaller } from "#platform/web/rest-api.ts";
import type { Guest } from "#gen/rest/types.ts";

type CreateGuest = (sessionKey: string, caller: ApiCaller) => Promise<Pick<Guest, "token" | "expiresAt">>;

interface Known {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Tokens of visitors who did not sign in, by session cookie; the least recently used go first. */
export class GuestTokens {
  readonly #create: CreateGuest;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<string>>();

  constructor(create: CreateGuest, clock: Clock) {
    this.#create = create;
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

  /** The token, from the API when it is not at hand; visitors who open many pages at once ask once. */
  async get(sessionKey: string, caller: ApiCaller): Promise<string> {
    const known = this.find(sessionKey);
    if (known !== undefined) return known;
    const asking = this.#asking.get(sessionKey) ?? this.#ask(sessionKey, caller);
    this.#asking.set(sessionKey, asking);
    return await asking;
  }

  /** Forgets a token that was refused. */
  forget(sessionKey: string, token: string): void {
    if (this.#known.get(sessionKey)?.token === token) this.#known.delete(sessionKey);
  }

  async #ask(sessionKey: string, caller: ApiCaller): Promise<string> {
    try {
      const { token, expiresAt } = await this.#create(sessionKey, caller);
      this.#known.set(sessionKey, { token, expiresAtMs: Date.parse(expiresAt) });
      const oldest = this.#known.keys().next().value;
      if (this.#known.size > knownMax && oldest !== undefined) this.#known.delete(oldest);
      return token;
    } finally {
      this.#asking.delete(sessionKey);
    }
  }
}

const knownMax = 20_000;
const renewBeforeMs = 60 * 60_000;
