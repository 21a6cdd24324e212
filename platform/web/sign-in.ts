import type { Clock } from "#platform/kit/clock.ts";
import { cookieSeconds, type Cookies } from "./cookies.ts";

/** What signing in or renewing gives. */
export interface SessionTokens {
  readonly token: string;
  readonly expiresAt: string;
  readonly refreshToken: string;
}

/** The two cookies of a session: a token that acts, and one that renews it. */
export interface SessionCookies {
  readonly token: string;
  readonly refresh: string;
  /** Browsers send them with paths below this one only. */
  readonly path: string;
}

export interface SignInOptions {
  readonly cookies: Cookies;
  readonly names: SessionCookies;
  readonly clock: Clock;
  /** Exchanges a refresh token for a new session; undefined when it is not accepted any more. */
  readonly renew: (refreshToken: string) => Promise<SessionTokens | undefined>;
}

/**
 * The session of one request, kept in cookies. A token that has ended is renewed on the way, once for each request; whoever answers
 * must therefore send the cookies. It proves nothing by itself: whoever gets the token has to verify it.
 */
export class SignIn {
  readonly #options: SignInOptions;
  #token: string | undefined;
  #refreshToken: string | undefined;
  #renewing: Promise<string | undefined> | undefined;
  #isHeld = false;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#token = options.cookies.get(options.names.token) || undefined;
    this.#refreshToken = options.cookies.get(options.names.refresh) || undefined;
  }

  /** True while nothing has shown that the session is over. */
  get isSignedIn(): boolean {
    return this.#token !== undefined || this.#refreshToken !== undefined;
  }

  /** A token that costs no call. */
  find(): string | undefined {
    return this.#token;
  }

  /** The token, renewed when it has ended; undefined when there is no session (any more). */
  async get(): Promise<string | undefined> {
    if (this.#token !== undefined || this.#refreshToken === undefined || this.#isHeld) return this.#token;
    return await (this.#renewing ??= this.#renew(this.#refreshToken));
  }

  /** Forgets a token that was refused; the next `get` renews the session. */
  drop(refused: string): void {
    if (refused !== this.#token) return;
    this.#token = undefined;
    if (!this.#isHeld) this.#expire(this.#options.names.token);
  }

  /** From here on cookies cannot be set any more, so nothing is renewed: a refresh token that nobody keeps is a lost session. */
  hold(): void {
    this.#isHeld = true;
  }

  start(session: SessionTokens): void {
    const { cookies, names, clock } = this.#options;
    const lifeMs = Date.parse(session.expiresAt) - clock.now().getTime();
    const lifeSeconds = Math.max(0, Math.min(cookieSeconds, Math.floor(lifeMs / 1000) - 60));
    this.#token = session.token;
    this.#refreshToken = session.refreshToken;
    cookies.set(names.token, session.token, { maxAgeSeconds: lifeSeconds, path: names.path });
    cookies.set(names.refresh, session.refreshToken, { path: names.path });
  }

  /** Forgets the session on this side. */
  end(): void {
    this.#token = undefined;
    this.#refreshToken = undefined;
    this.#expire(this.#options.names.token);
    this.#expire(this.#options.names.refresh);
  }

  async #renew(refreshToken: string): Promise<string | undefined> {
    try {
      const session = await this.#options.renew(refreshToken);
      if (session) this.start(session);
      else this.end();
      return session?.token;
    } finally {
      this.#renewing = undefined;
    }
  }

  #expire(name: string): void {
    this.#options.cookies.expire(name, this.#options.names.path);
  }
}
