// Who looks at a page: an account (two cookies) or a guest (the session cookie).
import { SignIn, type SessionCookies } from "#platform/web/sign-in.ts";
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { ApiCaller } from "#platform/web/rest-api.ts";
import type { Session } from "#gen/rest/types.ts";
import type { StorefrontContext } from "./context.ts";
import type { Cookies } from "#platform/web/cookies.ts";

const names: SessionCookies = { token: "stoa_token", refresh: "stoa_refresh", path: "/" };

export class Identity {
  readonly #ctx: StorefrontContext;
  readonly #sessionKey: string;
  readonly #caller: ApiCaller;
  readonly #signIn: SignIn;

  constructor(ctx: StorefrontContext, cookies: Cookies, sessionKey: string, caller: ApiCaller) {
    this.#ctx = ctx;
    this.#sessionKey = sessionKey;
    this.#caller = caller;
    const renew = async (refreshToken: string) => await renewSession(ctx, refreshToken, caller);
    this.#signIn = new SignIn({ cookies, names, clock: ctx.clock, renew });
  }

  /** True while nothing has shown that the session is over. */
  get isSignedIn(): boolean {
    return this.#signIn.isSignedIn;
  }

  /** A token that costs no call. */
  find(): string | undefined {
    return this.#signIn.find() ?? this.#ctx.guestTokens.find(this.#sessionKey);
  }

  async get(): Promise<string> {
    return (await this.#signIn.get()) ?? (await this.guestToken());
  }

  /** The guest's token, also of somebody who signed in: what it owns can be merged into the account. */
  async guestToken(): Promise<string> {
    return await this.#ctx.guestTokens.get(this.#sessionKey, this.#caller);
  }

  /** Another token after one was refused: a renewed session if there is one, else the guest's. */
  async replace(refused: string): Promise<string> {
    this.#signIn.drop(refused);
    this.#ctx.guestTokens.forget(this.#sessionKey, refused);
    return await this.get();
  }

  start(session: Session): void {
    this.#signIn.start(session);
  }
}

async function renewSession(
  ctx: StorefrontContext,
  refreshToken: string,
  caller: ApiCaller,
): Promise<Session | undefined> {
  try {
    return await ctx.renewals.renew(refreshToken, caller);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
    return undefined;
  }
}
