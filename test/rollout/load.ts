// Visitors of a shop that is being updated: requests at a steady rate, on connections that are kept and on ones that are not. Nothing is
// asked a second time: every answer but the wanted one is a failure.
import { Pool } from "undici";
import { systemClock } from "#platform/kit/clock.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Attempt } from "../lab/buyer.ts";
import { order } from "../lab/rest-buyer.ts";

export interface Failure {
  readonly at: string;
  readonly what: string;
  readonly outcome: string;
}

export interface Load {
  readonly counts: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
  /** What buyers were told. */
  readonly attempts: readonly Attempt[];
  requests(): number;
  /** How long requests took, in milliseconds. */
  took(): readonly number[];
  /** Resolves when what is under way is answered. */
  end(): Promise<void>;
}

interface Guest {
  readonly userId: string;
  readonly token: string;
}

type Act = (visitor: Visitor) => Promise<unknown>;

const product = "6E92ZMYYFZ";
const underWayMax = 16;
const answerWithinMs = 20_000;

/** What visitors do, and how often in a hundred acts. */
const acts: readonly (readonly [string, number, Act])[] = [
  ["list", 30, async (visitor) => await visitor.ask("GET", "/api/products?limit=12")],
  ["product", 24, async (visitor) => await visitor.ask("GET", `/api/products/${product}`)],
  ["search", 6, async (visitor) => await visitor.ask("GET", "/api/products/search?q=mug")],
  ["page", 8, async (visitor) => await visitor.ask("GET", `/product/${product}`)],
  ["cart", 16, async (visitor) => await visitor.ask("GET", "/api/cart/me", { guest: await visitor.guest() })],
  ["add", 6, async (visitor) => await visitor.fill(await visitor.guest())],
  ["orders", 5, async (visitor) => await visitor.ask("GET", "/api/orders", { guest: await visitor.guest() })],
  ["admin", 2, async (visitor) => await visitor.ask("GET", "/admin/login")],
  ["buy", 3, async (visitor) => await visitor.buy()],
];

interface Ask {
  readonly guest?: Guest;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

class Visitor {
  readonly counts = new Map<string, number>();
  readonly failures: Failure[] = [];
  readonly attempts: Attempt[] = [];
  readonly took: number[] = [];
  readonly #pool: Pool;
  #requests = 0;
  #guest: Promise<Guest> | undefined;

  constructor(origin: string) {
    this.#pool = new Pool(origin, { connections: 24, pipelining: 1, keepAliveTimeout: 60_000 });
  }

  get requests(): number {
    return this.#requests;
  }

  /** One that several requests share. */
  async guest(): Promise<Guest> {
    this.#guest ??= this.#newGuest();
    return await this.#guest;
  }

  async fill(guest: Guest): Promise<void> {
    await this.ask("POST", "/api/cart/me/items", { guest, body: { productId: product, quantity: 1 } });
    // Another one begins with an empty cart before this one's is full.
    if (this.#requests % 10 === 0) this.#guest = undefined;
  }

  async buy(): Promise<void> {
    const guest = await this.#newGuest();
    await this.fill(guest);
    const key = newId();
    const told = { userId: guest.userId, key, tries: 1 };
    try {
      const { id, orderNumber } = (await this.ask("POST", "/api/orders", {
        guest,
        body: order,
        headers: { "idempotency-key": key },
      })) as { id: string; orderNumber: string };
      this.attempts.push({ ...told, answer: { kind: "acknowledged", orderId: id, orderNumber } });
    } catch (error) {
      this.attempts.push({ ...told, answer: { kind: "unknown", reason: String(error) } });
      throw error;
    }
  }

  /** Every third closes its connection. Throws when the answer is not a good one. */
  async ask(method: "GET" | "POST", path: string, { guest, body, headers }: Ask = {}): Promise<object> {
    this.#requests += 1;
    const beganMs = systemClock.monotonicMs();
    const outcome = await this.#pool
      .request({
        method,
        path,
        reset: this.#requests % 3 === 0,
        headers: {
          ...(body ? { "content-type": "application/json" } : {}),
          ...(guest ? { authorization: `Bearer ${guest.token}` } : {}),
          ...headers,
        },
        body: body ? JSON.stringify(body) : null,
        headersTimeout: answerWithinMs,
        bodyTimeout: answerWithinMs,
      })
      .then(async (answer) => ({ status: answer.statusCode, text: await answer.body.text() }))
      .catch((error: unknown) => ({
        status: 0,
        text: error instanceof Error ? error.message : String(error),
      }));
    this.took.push(systemClock.monotonicMs() - beganMs);
    const { status, text } = outcome;
    if (status >= 200 && status < 400) return text.startsWith("{") ? (JSON.parse(text) as object) : {};
    const failure = {
      at: systemClock.now().toISOString(),
      what: `${method} ${path}`,
      outcome: `${status} ${text.slice(0, 300)}`,
    };
    this.failures.push(failure);
    throw new Error(`${failure.what}: ${failure.outcome}`);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #newGuest(): Promise<Guest> {
    return (await this.ask("POST", "/api/users/guest")) as Guest;
  }
}

/** Begins to visit `origin`, so many acts a second. */
export function beginLoad(origin: string, actsPerSecond: number): Load {
  const visitor = new Visitor(origin);
  const underWay = new Set<Promise<unknown>>();
  const shuffled = acts.flatMap(([name, share, act]) => Array.from({ length: share }, () => ({ name, act })));
  let isOpen = true;
  let turn = 0;
  const once = (): void => {
    // A stride that is prime to a hundred mixes the acts.
    const { name, act } = shuffled[(turn * 37) % shuffled.length] ?? {
      name: "",
      act: () => Promise.resolve(),
    };
    turn += 1;
    visitor.counts.set(name, (visitor.counts.get(name) ?? 0) + 1);
    // A failure is noted where it happens.
    const acting = act(visitor)
      .catch(() => undefined)
      .finally(() => underWay.delete(acting));
    underWay.add(acting);
  };
  const running = (async () => {
    const beganMs = systemClock.monotonicMs();
    let due = 0;
    while (isOpen) {
      const elapsed = ((systemClock.monotonicMs() - beganMs) / 1000) * actsPerSecond;
      for (; due < elapsed; due += 1) if (underWay.size < underWayMax) once();
      await systemClock.sleep(10);
    }
  })();
  let ending: Promise<void> | undefined;
  const end = async () => {
    isOpen = false;
    await running;
    await Promise.all(underWay);
    await visitor.close();
  };
  return {
    counts: visitor.counts,
    failures: visitor.failures,
    attempts: visitor.attempts,
    requests: () => visitor.requests,
    took: () => visitor.took,
    end: async () => await (ending ??= end()),
  };
}
