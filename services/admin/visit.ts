// One request of one member of the staff: what was asked, by whom, and the way to the API on their behalf.
import {
  ApiProblem,
  type AnswerOf,
  type FreeRequest,
  type OperationId,
  type RequestOf,
} from "#gen/rest/rest-client.ts";
import type { Session, User } from "#gen/rest/types.ts";
import type { HttpRequest } from "#platform/http/server.ts";
import { PageRequest } from "#platform/web/page-request.ts";
import { waitsUntilMs, type ApiCaller } from "#platform/web/rest-api.ts";
import { SignIn, type SessionCookies } from "#platform/web/sign-in.ts";
import type { AdminContext, AdminWords } from "./context.ts";
import { Refusal, SignInNeeded } from "./refusal.ts";

/** Sent with the paths of the admin only, so that signing in or out here changes nothing in the shop. */
const names: SessionCookies = { token: "stoa_admin_token", refresh: "stoa_admin_refresh", path: "/admin" };

/** The shop's own session. Whoever signed in there as one of the staff is let in; it is renewed and ended there. */
const shopCookie = "stoa_token";

const optionalTimeoutMs = 500;
/** Figures that are two seconds old need no answer that takes longer. */
const lookTimeoutMs = 1_000;

export class AdminVisit extends PageRequest {
  readonly ctx: AdminContext;
  readonly words: AdminWords;
  readonly caller: ApiCaller;
  readonly signIn: SignIn;
  #user: User | undefined;

  constructor(ctx: AdminContext, request: HttpRequest) {
    const visitor = ctx.visitors.of(request);
    super(request, visitor);
    this.ctx = ctx;
    this.words = ctx.words;
    this.caller = {
      requestId: request.id,
      trace: request.trace,
      clientAddress: visitor.address,
      userAgent: request.headers["user-agent"],
      waitsUntilMs: waitsUntilMs(request, ctx.clock),
    };
    const renew = async (refreshToken: string) => await renewSession(ctx, refreshToken, this.caller);
    this.signIn = new SignIn({ cookies: this.cookies, names, clock: ctx.clock, renew });
  }

  /** Whoever was let in; undefined on pages that let everybody in. */
  get user(): User | undefined {
    return this.#user;
  }

  /** Throws unless one of the staff asks. */
  async requireStaff(timeoutMs?: number): Promise<User> {
    const user = await this.ask("getProfile", {}, timeoutMs);
    if (user.role !== "admin") throw new Refusal(403, "staff");
    return (this.#user = user);
  }

  /**
   * Throws unless one of the staff asks, as far as is known: for pages that only look at the program. While the API cannot say who
   * somebody is, whoever it called an admin lately is let in, because that is when these pages are needed.
   */
  async requireStaffToLook(): Promise<User> {
    const { knownStaff } = this.ctx;
    const session = [names.refresh, names.token, "stoa_refresh", shopCookie]
      .map((name) => this.cookies.get(name))
      .find((value) => value);
    const fresh = session === undefined ? undefined : knownStaff.findFresh(session);
    if (fresh) return (this.#user = fresh);
    try {
      const user = await this.requireStaff(lookTimeoutMs);
      if (session !== undefined) knownStaff.note(session, user);
      return user;
    } catch (error) {
      const isAway = error instanceof ApiProblem && error.status >= 500;
      const known = session === undefined || !isAway ? undefined : knownStaff.find(session);
      if (known) return (this.#user = known);
      if (session !== undefined && !isAway) knownStaff.forget(session);
      throw error;
    }
  }

  /** Asks the API as this visitor. */
  async ask<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    timeoutMs?: number,
  ): Promise<AnswerOf<Id>> {
    return await this.#asStaff(async (caller) => await this.ctx.api.send(id, request, caller, timeoutMs));
  }

  /** Asks an endpoint of an extension as this visitor. */
  async request(method: string, path: string, request: FreeRequest): Promise<unknown> {
    return await this.#asStaff(async (caller) => await this.ctx.api.request(method, path, request, caller));
  }

  /** A token that has ended is replaced once, if the session is ours. */
  async #asStaff<T>(work: (caller: ApiCaller) => Promise<T>): Promise<T> {
    const send = async (token: string) => await work({ ...this.caller, token });
    const token = (await this.signIn.get()) ?? this.cookies.get(shopCookie);
    if (!token) throw new SignInNeeded();
    try {
      return await send(token);
    } catch (error) {
      if (!isEnded(error)) throw error;
      this.signIn.drop(token);
      const renewed = await this.signIn.get();
      if (renewed === undefined) throw new SignInNeeded();
      return await send(renewed);
    }
  }

  /** Asks for something the page can do without. */
  async askOptional<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
  ): Promise<AnswerOf<Id> | undefined> {
    return await this.ask(id, request, optionalTimeoutMs).catch(() => undefined);
  }

  /** Ends the session that let them in, here or in the shop. */
  endSession(): void {
    for (const name of [names.refresh, names.token, "stoa_refresh", shopCookie]) {
      const session = this.cookies.get(name);
      if (session) this.ctx.knownStaff.forget(session);
    }
    if (this.signIn.isSignedIn) {
      this.signIn.end();
      return;
    }
    for (const name of [shopCookie, "stoa_refresh"]) this.cookies.expire(name);
  }
}

function isEnded(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401 && error.code.startsWith("TOKEN_");
}

async function renewSession(
  ctx: AdminContext,
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
