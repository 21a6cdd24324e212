// What people do in a shop whose links are bad: each journey asks again and again, and every answer is held against what may be answered.
import { systemClock } from "#platform/kit/clock.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Attempt } from "../lab/buyer.ts";
import { notFinal } from "../lab/buyer.ts";
import { order } from "../lab/rest-buyer.ts";

/** Within what an answer is there, whatever hangs. */
export const journeys = {
  browse: { limitMs: 1_000 },
  cart: { limitMs: 2_000 },
  checkout: { limitMs: 10_000 },
} as const;

export type Journey = keyof typeof journeys;

/** The way to the answer and back, and a busy machine: not the shop's time. */
const graceMs = 500;
/** Answered when the shop cannot, in words; or when another request with the key is still at work. */
const refusals = new Set([409, 503]);
const product = "6E92ZMYYFZ";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly tookMs: number;
}

/** One journey of one person, with what was wrong with its answers. */
export class Walker {
  readonly journey: Journey;
  readonly faults: string[] = [];
  longestMs = 0;
  readonly #origin: string;
  readonly #attempts: Attempt[];
  readonly #steps: readonly ((walker: Walker) => Promise<Answer>)[];
  #guest: { userId: string; token: string } | undefined;
  #purchase:
    { readonly userId: string; readonly token: string; readonly key: string; tries: number } | undefined;
  #step = 0;

  constructor(journey: Journey, origin: string, attempts: Attempt[]) {
    this.journey = journey;
    this.#origin = origin;
    this.#attempts = attempts;
    this.#steps = steps[journey];
  }

  /** What has to be there before the link is bad. */
  async prepare(): Promise<void> {
    this.#guest = await this.#guestWithCart();
    if (this.journey === "checkout") this.#purchase = { ...this.#guest, key: newId(), tries: 0 };
  }

  async #guestWithCart(): Promise<{ userId: string; token: string }> {
    const became = await this.ask("POST", "/api/users/guest", undefined, "");
    if (became.status !== 201)
      throw new Error(`Nobody could become a guest: ${became.status} ${became.text}`);
    const guest = JSON.parse(became.text) as { userId: string; token: string };
    const item = { productId: product, quantity: 1 };
    const filled = await this.ask("POST", "/api/cart/me/items", item, guest.token);
    if (filled.status >= 300 || filled.status === 0)
      throw new Error(`A cart could not be filled: ${filled.status} ${filled.text}`);
    return guest;
  }

  /** Asks once; true when the answer is a good one. */
  async walk(): Promise<boolean> {
    const step = this.#steps[this.#step % this.#steps.length];
    this.#step += 1;
    if (!step) return true;
    const { status, text, tookMs } = await step(this);
    this.longestMs = Math.max(this.longestMs, tookMs);
    const isGood = status >= 200 && status < 400;
    const about = `${this.journey}: ${status} after ${Math.round(tookMs)} ms: ${text.slice(0, 160).replaceAll(/\s+/g, " ")}`;
    if (tookMs > journeys[this.journey].limitMs + graceMs) this.faults.push(`too late: ${about}`);
    if (!isGood && !refusals.has(status)) this.faults.push(`wrong answer: ${about}`);
    if (/^\s+at .*\.(ts|js):\d+/m.test(text)) this.faults.push(`a stack trace: ${about}`);
    return isGood;
  }

  async ask(method: string, path: string, body?: object, token = this.#guest?.token): Promise<Answer> {
    const beganMs = systemClock.monotonicMs();
    const { limitMs } = journeys[this.journey];
    const answer = await fetch(this.#origin + path, {
      method,
      headers: {
        ...(body ? { "content-type": "application/json" } : {}),
        ...(!token || !path.startsWith("/api") ? {} : { authorization: `Bearer ${token}` }),
        ...(this.#purchase && path === "/api/orders" ? { "idempotency-key": this.#purchase.key } : {}),
      },
      body: body ? JSON.stringify(body) : null,
      redirect: "manual",
      signal: AbortSignal.timeout(limitMs + 4 * graceMs),
    })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((error: unknown) => ({ status: 0, text: `no answer (${String(error)})` }));
    return { ...answer, tookMs: systemClock.monotonicMs() - beganMs };
  }

  /** Buys what is prepared, once more with the same key until the answer is final. */
  async buy(): Promise<Answer> {
    // What keeps a cart from being filled is the other journey's matter.
    if (!this.#purchase) await this.prepare().catch(() => undefined);
    const purchase = this.#purchase;
    if (!purchase) return { status: 503, text: "", tookMs: 0 };
    purchase.tries += 1;
    const answer = await this.ask("POST", "/api/orders", order, purchase.token);
    const said = answer.text.startsWith("{") ? (JSON.parse(answer.text) as Record<string, unknown>) : {};
    const { userId, key, tries } = purchase;
    if (answer.status === 201) {
      const told = { orderId: String(said["id"]), orderNumber: String(said["orderNumber"]) };
      this.#attempts.push({ userId, key, tries, answer: { kind: "acknowledged", ...told } });
      this.#purchase = undefined;
    } else if (answer.status !== 0 && !notFinal.has(String(said["code"]))) {
      // A key that is used up; the person begins anew.
      this.#attempts.push({ userId, key, tries, answer: { kind: "refused", reason: String(said["code"]) } });
      this.#purchase = undefined;
    }
    return answer;
  }
}

const steps: Record<Journey, readonly ((walker: Walker) => Promise<Answer>)[]> = {
  browse: [
    (walker) => walker.ask("GET", `/product/${product}`),
    (walker) => walker.ask("GET", "/api/products?limit=12"),
    (walker) => walker.ask("GET", `/api/products/${product}`),
    (walker) => walker.ask("GET", "/"),
  ],
  cart: [
    (walker) => walker.ask("GET", "/api/cart/me"),
    (walker) => walker.ask("PUT", `/api/cart/me/items/${product}`, { quantity: 2 }),
    (walker) => walker.ask("GET", "/cart"),
  ],
  checkout: [(walker) => walker.buy()],
};
