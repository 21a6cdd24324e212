// Who looks at a page: an account (two cookies) or a guest (the session cookie).
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { ApiCaller } from "./api.ts";
import type { Session } from "#gen/rest/types.ts";
import type { StorefrontContext } from "./context.ts";
import { cookieSeconds, type Cookies } from "#platform/web/cookies.ts";

const tokenCookie = "stoa_token";
const refreshCookie = "stoa_refresh";

export class Identity {
  readonly #ctx: StorefrontContext;
  readonly #cookies: Cookies;
  readonly #sessionKey: string;
  readonly #caller: ApiCaller;
  #token: string | undefined;
  #refreshToken: string | undefined;
  #renewing: Promise<string> | undefined;

  constructor(ctx: StorefrontContext, cookies: Cookies, sessionKey: string, caller: ApiCaller) {
    this.#ctx = ctx;
    this.#cookies = cookies;
    this.#sessionKey = sessionKey;
    this.#caller = caller;
    this.#token = cookies.get(tokenCookie) || undefined;
    this.#refreshToken = cookies.get(refreshCookie) || undefined;
  }

  /** True while nothing has shown that the session is over. */
  get isSignedIn(): boolean {
    return this.#token !== undefined || this.#refreshToken !== undefined;
  }

  /** A token that costs no call. */
  find(): string | undefined {
    return this.#token ?? this.#ctx.guestTokens.find(this.#sessionKey);
  }

  async get(): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    if (this.#refreshToken !== undefined) return await (this.#renewing ??= this.#renew(this.#refreshToken));
    return await this.guestToken();
  }

  /** The guest's token, also of somebody who signed in: what it owns can be merged into the account. */
  async guestToken(): Promise<string> {
    return await this.#ctx.guestTokens.get(this.#sessionKey, this.#caller);
  }

  /** Another token after one was refused: a renewed session if there is one, else the guest's. */
  async replace(refused: string): Promise<string> {
    if (refused === this.#token) {
      this.#token = undefined;
      this.#cookies.expire(tokenCookie);
    }
    this.#ctx.guestTokens.forget(this.#sessionKey, refused);
    return await this.get();
  }

  start(session: Session): void {
    const lifeMs = Date.parse(session.expiresAt) - this.#ctx.clock.now().getTime();
    const lifeSeconds = Math.max(0, Math.min(cookieSeconds, Math.floor(lifeMs / 1000) - 60));
    this.#token = session.token;
    this.#refreshToken = session.refreshToken;
    this.#cookies.set(tokenCookie, session.token, lifeSeconds);
    this.#cookies.set(refreshCookie, session.refreshToken);
  }

  /** Forgets the session on this side. */
  end(): void {
    this.#token = undefined;
    this.#refreshToken = undefined;
    this.#cookies.expire(tokenCookie);
    this.#cookies.expire(refreshCookie);
  }

  async #renew(refreshToken: string): Promise<string> {
    try {
      const session = await this.#ctx.renewals.renew(refreshToken, this.#caller);
      this.start(session);
      return session.token;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
      this.end();
      return await this.guestToken();
    } finally {
      this.#renewing = undefined;
    }
  }
}
