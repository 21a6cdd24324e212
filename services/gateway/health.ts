// The state of all services in one answer. What is told has been seen a moment ago: nobody waits for a service that hangs.
import type { Clock } from "#platform/kit/clock.ts";
import type { ServiceHealth, ShopFacts } from "#platform/kit/service.ts";

type Status = ServiceHealth["status"];

export interface HealthAnswer {
  readonly status: "ok" | "degraded" | "down";
  readonly services: { readonly [service: string]: Status };
  readonly details: readonly {
    readonly service: string;
    readonly status: Status;
    readonly lacks: readonly string[];
    readonly ageMs: number;
    readonly breaker: ServiceHealth["breaker"];
  }[];
}

/** They show what others know: with nobody behind them, the shop is down although they answer. */
const edges: ReadonlySet<string> = new Set(["gateway", "storefront", "admin"]);

export async function currentHealth(shop: Pick<ShopFacts, "health">, clock: Clock): Promise<HealthAnswer> {
  const states = await shop.health();
  const nowMs = clock.monotonicMs();
  return {
    status: shopStatusOf(states),
    services: Object.fromEntries(states.map(({ service, status }) => [service, status])),
    details: states.map(({ lookedAtMs, ...state }) => ({
      ...state,
      ageMs: Math.max(0, Math.round(nowMs - lookedAtMs)),
    })),
  };
}

function shopStatusOf(states: readonly ServiceHealth[]): HealthAnswer["status"] {
  if (states.every(({ status }) => status === "up")) return "ok";
  const behind = states.filter(({ service }) => !edges.has(service));
  return behind.length > 0 && behind.every(({ status }) => status === "down") ? "down" : "degraded";
}
