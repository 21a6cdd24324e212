// The state of all services in one answer, asked for at most once a second however many people look.
import type { Clock } from "#platform/kit/clock.ts";
import type { ShopFacts } from "#platform/kit/service.ts";

const freshMs = 1_000;

export interface HealthAnswer {
  readonly status: "ok" | "degraded";
  readonly services: { readonly [service: string]: "up" | "down" };
}

export class HealthBoard {
  readonly #shop: ShopFacts;
  readonly #clock: Clock;
  #answer: Promise<HealthAnswer> | undefined;
  #askedMs = 0;

  constructor(shop: ShopFacts, clock: Clock) {
    this.#shop = shop;
    this.#clock = clock;
  }

  async current(): Promise<HealthAnswer> {
    const nowMs = this.#clock.monotonicMs();
    if (!this.#answer || nowMs - this.#askedMs >= freshMs) {
      this.#askedMs = nowMs;
      this.#answer = this.#ask();
    }
    return await this.#answer;
  }

  async #ask(): Promise<HealthAnswer> {
    const states = await this.#shop.health();
    const services = Object.fromEntries(states.map(({ service, status }) => [service, status]));
    return { status: states.every(({ status }) => status === "up") ? "ok" : "degraded", services };
  }
}
