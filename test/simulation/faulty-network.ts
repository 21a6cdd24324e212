// A network inside one process that loses, delays, repeats and reorders what it carries, as a seed tells it to.
import { createHash } from "node:crypto";
import type { Message } from "@bufbuild/protobuf";
import type { Clock } from "#platform/kit/clock.ts";
import { appError } from "#platform/kit/errors.ts";
import type { SimulatedNetwork } from "#platform/rpc/local.ts";
import { neighbourUnavailable } from "#platform/rpc/status.ts";

/** What can happen to a call, and how often out of a hundred. */
const faults = [
  { name: "lost on the way there", percent: 6 },
  { name: "lost on the way back", percent: 6 },
  { name: "delivered twice at once", percent: 4 },
  { name: "delivered again later", percent: 6 },
  { name: "slow", percent: 8 },
] as const;

export type FaultName = (typeof faults)[number]["name"];

export interface FaultyNetwork {
  readonly carry: SimulatedNetwork;
  /** How often each fault has happened. */
  readonly counts: ReadonlyMap<FaultName, number>;
  /** Waits until everything that was delayed has arrived. */
  settle(): Promise<void>;
  /** From now on everything arrives, once and at once. */
  heal(): void;
  /** Faults begin again, drawn from another seed. */
  breakWith(seed: number): void;
}

/** The same seed gives the same faults to the same calls of the same request. */
export function createFaultyNetwork(clock: Clock): FaultyNetwork {
  let seed: number | undefined;
  const counts = new Map<FaultName, number>();
  const calls = new Map<string, number>();
  const late = new Set<Promise<unknown>>();

  const draw = (what: string): { fault: FaultName | undefined; random: number } => {
    const count = (calls.get(what) ?? 0) + 1;
    calls.set(what, count);
    const hash = createHash("sha256").update(`${seed}/${what}/${count}`).digest();
    let percent = (hash.readUInt32BE(0) / 2 ** 32) * 100;
    const random = hash.readUInt32BE(4) / 2 ** 32;
    for (const { name, percent: share } of faults) {
      if (percent < share) return { fault: name, random };
      percent -= share;
    }
    return { fault: undefined, random };
  };

  const carry: SimulatedNetwork = async ({ caller, method, requestId }, send) => {
    if (seed === undefined || caller === "gateway" || method.parent.typeName.startsWith("stoa.platform"))
      return await send();
    const { fault, random } = draw(`${requestId ?? caller}/${method.name}`);
    if (fault) counts.set(fault, (counts.get(fault) ?? 0) + 1);
    switch (fault) {
      case undefined:
        return await send();
      case "slow":
        await clock.sleep(random * 500);
        return await send();
      case "lost on the way there":
        throw lost();
      case "lost on the way back":
        await send().catch(() => undefined);
        throw lost();
      case "delivered twice at once":
        return await firstOf(send(), send());
      case "delivered again later":
        keep(late, clock.sleep(random * 3_000).then(send));
        return await send();
    }
  };

  return {
    carry,
    counts,
    settle: async () => {
      while (late.size > 0) await Promise.allSettled([...late]);
    },
    heal: () => (seed = undefined),
    breakWith: (next) => {
      seed = next;
      calls.clear();
    },
  };
}

function lost() {
  return appError("unavailable", neighbourUnavailable, {
    publicMessage: "The simulated network lost this call.",
  });
}

/** Both are under way; the caller sees the first answer, as from a network that repeats a request. */
async function firstOf(one: Promise<Message>, other: Promise<Message>): Promise<Message> {
  const [first] = await Promise.allSettled([one, other]);
  if (first.status === "fulfilled") return first.value;
  throw first.reason;
}

function keep(set: Set<Promise<unknown>>, promise: Promise<unknown>): void {
  const settled = promise.catch(() => undefined).finally(() => set.delete(settled));
  set.add(settled);
}
