// One request of one shopper: what was asked, by whom, and the way to the API on their behalf.
import { newRandomId } from "#platform/kit/ids.ts";
import type { HttpRequest } from "#platform/http/server.ts";
import { ApiProblem, type AnswerOf, type OperationId, type RequestOf } from "#gen/rest/rest-client.ts";
import { waitsUntilMs, type ApiCaller } from "#platform/web/rest-api.ts";
import type { Cart } from "#gen/rest/types.ts";
import type { StorefrontContext } from "./context.ts";
import { PageRequest } from "#platform/web/page-request.ts";
import { Identity } from "./identity.ts";
import type { Look } from "./look.ts";

const sessionCookie = "shop_session-id";
const currencyCookie = "shop_currency";

/** A guest is remembered as long as a cart is kept: seven days after the last visit. */
const guestSeconds = 7 * 24 * 3_600;

/** Longest session text the API takes. */
const sessionBytesMax = 128;

/** What a page shows beside its own matter may be missing, but must not keep anyone waiting. */
const optionalTimeoutMs = 300;

/** In the path of the API: whoever asks. */
export const me = { userId: "me" };

interface Asked<Id extends OperationId> {
  readonly id: Id;
  readonly request: RequestOf<Id>;
  readonly timeoutMs: number | undefined;
}

export class Visit extends PageRequest {
  readonly ctx: StorefrontContext;
  readonly look: Look;
  readonly identity: Identity;
  readonly caller: ApiCaller;
  /** They came with cookies of ours, so they may have a cart. */
  readonly isKnown: boolean;
  #currency: string;
  #leftOut = 0;
  #cart: Promise<Cart | undefined> | undefined;

  constructor(ctx: StorefrontContext, request: HttpRequest) {
    const visitor = ctx.visitors.of(request);
    super(request, visitor);
    this.ctx = ctx;
    this.look = ctx.look;
    this.caller = {
      requestId: request.id,
      trace: request.trace,
      clientAddress: visitor.address,
      waitsUntilMs: waitsUntilMs(request, ctx.clock),
    };
    const sessionKey = this.#sessionKey();
    this.identity = new Identity(ctx, this.cookies, sessionKey, this.caller);
    this.isKnown = sessionKey === this.cookies.get(sessionCookie) || this.identity.isSignedIn;
    this.#currency = this.cookies.get(currencyCookie) ?? ctx.shop.currency;
  }

  /** How many optional parts of the page did not come in time. */
  get leftOut(): number {
    return this.#leftOut;
  }

  get currency(): string {
    return this.#currency;
  }

  /** A currency the shop does not know, from a cookie somebody wrote by hand, counts as none. */
  async settleCurrency(): Promise<void> {
    const base = this.ctx.shop.currency;
    if (this.#currency === base) return;
    const known = await this.ctx.currencies.get(this.caller).catch((): readonly string[] => []);
    if (!known.includes(this.#currency)) this.#currency = base;
  }

  /** Asks the API as this shopper; a token that has ended is replaced once. */
  async ask<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    timeoutMs?: number,
  ): Promise<AnswerOf<Id>> {
    return await this.#send({ id, request, timeoutMs }, await this.identity.get());
  }

  /** Asks for something anyone may see. No guest is made for it. */
  async askPublic<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    timeoutMs?: number,
  ): Promise<AnswerOf<Id>> {
    return await this.#send({ id, request, timeoutMs }, this.identity.find());
  }

  /** Asks for something the page can do without. */
  async askOptional<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
  ): Promise<AnswerOf<Id> | undefined> {
    return await this.askPublic(id, request, optionalTimeoutMs).catch(() => this.#leaveOut());
  }

  /** Whether mails leave the shop. Where nobody can say it now, none is promised. */
  async sendsMails(): Promise<boolean> {
    return (await this.soon(this.ctx.sendsMails.get(this.caller))) ?? false;
  }

  /** The shopper's cart, fetched once; undefined for somebody who was never here. */
  async cart(): Promise<Cart | undefined> {
    if (!this.isKnown) return undefined;
    this.#cart ??= this.ask("getCart", { path: me, query: { currency: this.currency } });
    return await this.#cart;
  }

  /** How many goods are in the cart. A page that shows the cart has counted them already; no other needs names or prices. */
  async cartCount(): Promise<number> {
    if (!this.isKnown) return 0;
    if (!this.#cart) return (await this.ask("countCart", { path: me })).count;
    const cart = await this.#cart;
    return cart?.items.reduce((total, { quantity }) => total + quantity, 0) ?? 0;
  }

  /** The value if it comes soon. */
  async soon<T>(promise: Promise<T>): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = this.ctx.clock.after(optionalTimeoutMs, () => late.resolve(this.#leaveOut()));
    try {
      return await Promise.race([promise.catch(() => this.#leaveOut()), late.promise]);
    } finally {
      timer.stop();
    }
  }

  chooseCurrency(code: string): void {
    this.cookies.set(currencyCookie, code);
  }

  #leaveOut(): undefined {
    this.#leftOut += 1;
  }

  #sessionKey(): string {
    const received = this.cookies.get(sessionCookie) ?? "";
    const isGood = received !== "" && Buffer.byteLength(received) <= sessionBytesMax;
    const key = isGood ? received : newRandomId();
    // With every visit, as the cart's own life begins anew.
    this.cookies.set(sessionCookie, key, { maxAgeSeconds: guestSeconds });
    return key;
  }

  async #send<Id extends OperationId>(asked: Asked<Id>, token: string | undefined): Promise<AnswerOf<Id>> {
    const { id, request, timeoutMs } = asked;
    try {
      return await this.ctx.api.send(id, request, { ...this.caller, token }, timeoutMs);
    } catch (error) {
      const isEnded = error instanceof ApiProblem && error.status === 401 && error.code.startsWith("TOKEN_");
      if (!isEnded || token === undefined) throw error;
      const replaced = await this.identity.replace(token);
      return await this.ctx.api.send(id, request, { ...this.caller, token: replaced }, timeoutMs);
    }
  }
}
