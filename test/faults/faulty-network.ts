// A network inside one process on which one service at a time is slow, fails, is gone or answers only now and then.
import { systemClock } from "#platform/kit/clock.ts";
import { appError } from "#platform/kit/errors.ts";
import type { SimulatedNetwork } from "#platform/rpc/local.ts";
import { notSent, unavailable } from "#platform/rpc/status.ts";

export type FaultState = "slow" | "failing" | "gone" | "flaky";

/** Longer than any limit of the shop. */
const hangMs = 15_000;

export class FaultyNetwork {
  #broken: { readonly service: string; readonly state: FaultState } | undefined;
  #calls = 0;
  #stop = new AbortController();

  readonly carry: SimulatedNetwork = async ({ method }, send) => {
    const service = serviceOf(method.parent.typeName);
    const broken = this.#broken;
    if (!broken || broken.service !== service) return await send();
    switch (broken.state) {
      case "slow":
        await systemClock.sleep(hangMs, this.#stop.signal).catch(() => undefined);
        return await send();
      case "failing":
        throw appError("unavailable", "DATABASE_UNAVAILABLE", { retryAfterSeconds: 1 });
      case "gone":
        throw notSent(unavailable("Nobody listens there."));
      case "flaky":
        this.#calls += 1;
        if (this.#calls % 3 === 0) throw unavailable("The simulated network lost this call.");
        return await send();
    }
  };

  break(service: string, state: FaultState): void {
    this.heal();
    this.#broken = { service, state };
  }

  /** Everything arrives again, also what was on its way. */
  heal(): void {
    this.#broken = undefined;
    this.#stop.abort();
    this.#stop = new AbortController();
  }
}

/** Which service answers a contract; events find their own way. */
function serviceOf(contract: string): string | undefined {
  if (contract === "stoa.platform.v1.TrustService") return "user";
  const [, name] = /^stoa\.(\w+)\.v1\.\w+Service$/.exec(contract) ?? [];
  return name === "platform" ? undefined : name;
}
