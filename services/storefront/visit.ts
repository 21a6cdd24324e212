// One request of one shopper: what was asked, by whom, and the way to the API on their behalf.
import { faultHeader } from "#platform/kit/fault-rules.ts";
import { askedFault } from "#platform/kit/faults.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { HttpRequest } from "#platform/http/server.ts";
import { ApiProblem, type AnswerOf, type OperationId, type RequestOf } from "#gen/rest/rest-client.ts";
import { waitsUntilMs, type ApiCaller } from "#platform/web/rest-api.ts";
import type { Cart } from "#gen/rest/types.ts";
import type { StorefrontContext } from "./context.ts";
import { PageRequest } from "#platform/web/page-request.ts";
import { Identity } from "./identity.ts";
import { Lacking, type OptionalPart } from "./lacking.ts";
import type { Look } from "./look.ts";

const sessionCookie = "shop_session-id";
const currencyCookie = "shop_currency";

/** A guest is remembered as long as a cart is kept: seven days after the last visit. */
const guestSeconds = 7 * 24 * 3_600;

/** Longest session text the API takes. */
const sessionBytesMax = 128;

/** What a page shows beside its own matter may be missing, but must not keep anyone waiting. */
const optionalTimeoutMs = 300;
/** Kept back for what stands around a page, also around one that says why there is none. */
const frameMs = 250;
/** What is at hand takes a moment, too. */
const momentMs = 20;

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
  readonly #lacking = new Lacking();
  readonly #untilMs: number;
  #isFramed = false;
  #cart: Promise<Cart | undefined> | undefined;

  constructor(ctx: StorefrontContext, request: HttpRequest) {
    const visitor = ctx.visitors.of(request);
    super(request, visitor);
    this.ctx = ctx;
    this.look = ctx.look;
    const waitsUntil = waitsUntilMs(request, ctx.clock);
    this.#untilMs = Math.min(
      ctx.clock.monotonicMs() + limitMsOf(this, ctx.config),
      waitsUntil ?? Number.POSITIVE_INFINITY,
    );
    this.caller = {
      requestId: request.id,
      trace: request.trace,
      clientAddress: visitor.address,
      waitsUntilMs: waitsUntil,
      askedFault: askedFault(request.headers[faultHeader]),
      heard: (header) => this.#lacking.hear(header("x-stoa-degraded")),
    };
    const sessionKey = this.#sessionKey();
    this.identity = new Identity(ctx, this.cookies, sessionKey, this.caller);
    this.isKnown = sessionKey === this.cookies.get(sessionCookie) || this.identity.isSignedIn;
    this.#currency = this.cookies.get(currencyCookie) ?? ctx.shop.currency;
  }

  /** How many optional parts of the page did not come in time. */
  get leftOut(): number {
    return this.#lacking.leftOut;
  }

  /** What is missing from the page or old on it, in words; complete once all of it is made. */
  get lacking(): readonly string[] {
    return this.#lacking.sentences(this.look.words, {
      base: this.ctx.shop.currency,
      currency: this.#currency,
    });
  }

  /** The page itself is made: what was kept back for the frame around it may be used. */
  beginFrame(): void {
    this.#isFramed = true;
  }

  /** How long whatever is asked now may take. */
  get #leftMs(): number {
    const untilMs = this.#isFramed ? this.#untilMs : this.#untilMs - frameMs;
    return Math.max(momentMs, Math.ceil(untilMs - this.ctx.clock.monotonicMs()));
  }

  get currency(): string {
    return this.#currency;
  }

  /** A currency the shop does not know, from a cookie somebody wrote by hand, counts as none. */
  async settleCurrency(): Promise<void> {
    const base = this.ctx.shop.currency;
    if (this.#currency === base) return;
    const known = await this.#within(this.ctx.currencies.get(this.caller), optionalTimeoutMs).catch(
      () => undefined,
    );
    if (!known) this.#lacking.leaveUnconverted(this.#currency);
    if (!known?.includes(this.#currency)) this.#currency = base;
  }

  /** Asks the API as this shopper; a token that has ended is replaced once. */
  async ask<Id extends OperationId>(
    id: Id,
    request: RequestOf<Id>,
    timeoutMs?: number,
  ): Promise<AnswerOf<Id>> {
    return await this.#send({ id, request, timeoutMs }, await this.#within(this.identity.get()));
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
    part: OptionalPart,
  ): Promise<AnswerOf<Id> | undefined> {
    return await this.askPublic(id, request, optionalTimeoutMs).catch(() => this.#lacking.leaveOut(part));
  }

  /** Whether mails leave the shop. Where nobody can say it now, none is promised. */
  async sendsMails(): Promise<boolean> {
    return (await this.soon(this.ctx.sendsMails.get(this.caller), "other")) ?? false;
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
  async soon<T>(promise: Promise<T>, part: OptionalPart, ms = optionalTimeoutMs): Promise<T | undefined> {
    return await this.#within(promise, ms).catch(() => this.#lacking.leaveOut(part));
  }

  async #within<T>(promise: Promise<T>, timeoutMs = Number.POSITIVE_INFINITY): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = this.ctx.clock.after(Math.min(timeoutMs, this.#leftMs), () => late.reject(tooLate()));
    try {
      return await Promise.race([promise, late.promise]);
    } finally {
      timer.stop();
    }
  }

  chooseCurrency(code: string): void {
    this.cookies.set(currencyCookie, code);
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
    const { id, request } = asked;
    const timeoutMs = () => Math.min(asked.timeoutMs ?? Number.POSITIVE_INFINITY, this.#leftMs);
    try {
      return await this.ctx.api.send(id, request, { ...this.caller, token }, timeoutMs());
    } catch (error) {
      if (error instanceof ApiProblem && error.code === "RATES_UNAVAILABLE" && this.#dropCurrency())
        return await this.#send({ ...asked, request: this.#inOwnCurrency(request) }, token);
      const isEnded = error instanceof ApiProblem && error.status === 401 && error.code.startsWith("TOKEN_");
      if (!isEnded || token === undefined) throw error;
      const replaced = await this.#within(this.identity.replace(token));
      return await this.ctx.api.send(id, request, { ...this.caller, token: replaced }, timeoutMs());
    }
  }

  /** Nobody can convert, so the page is in the shop's own currency. False when it is already. */
  #dropCurrency(): boolean {
    const base = this.ctx.shop.currency;
    if (this.#currency !== base) this.#lacking.leaveUnconverted(this.#currency);
    else if (!this.#lacking.isUnconverted) return false;
    this.#currency = base;
    return true;
  }

  #inOwnCurrency<Id extends OperationId>(request: RequestOf<Id>): RequestOf<Id> {
    const { query } = request as { readonly query?: object };
    return { ...request, query: { ...query, currency: this.ctx.shop.currency } };
  }
}

function limitMsOf({ method, path }: PageRequest, config: StorefrontContext["config"]): number {
  if (/^\/(cart\/checkout$|checkout\/)/.test(path)) return config.STOREFRONT_CHECKOUT_TIMEOUT_MS;
  if (/^\/(account|orders|logout)\b/.test(path))
    return method === "GET" ? config.STOREFRONT_CART_TIMEOUT_MS : config.STOREFRONT_CHECKOUT_TIMEOUT_MS;
  return /^\/cart\b/.test(path) ? config.STOREFRONT_CART_TIMEOUT_MS : config.STOREFRONT_BROWSE_TIMEOUT_MS;
}

/** As the API's client says that no answer came. */
function tooLate(): ApiProblem {
  return new ApiProblem(503, { code: "API_UNREACHABLE", detail: "The shop did not answer in time." });
}
