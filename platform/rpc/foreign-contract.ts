// The public contract that belongs to others. Its calls carry no identity, so whoever reaches its port may do all it offers.
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Clock } from "#platform/kit/clock.ts";
import { defineConfig, setting, type ConfigOf } from "#platform/kit/config.ts";
import { limitKey, RequestLimit } from "#platform/kit/rate-limit.ts";
import { addressOfPeer } from "./client-address.ts";

const foreignPackage = "hipstershop.";

/** RPCs of that contract that spend money, make parcels or send mail. */
const acts = new Set(["Charge", "ShipOrder", "SendOrderConfirmation", "PlaceOrder"]);

export const ForeignConfig = defineConfig({
  HIPSTERSHOP: setting.choice(["auto", "on", "off"], {
    default: "auto",
    doc: "Whether the hipstershop contract is answered on the gRPC port. It has no identity: whoever reaches the port may charge a card, ship an order or have a mail written. auto means on for the whole shop on one machine (`serve all`, `serve split`), else off: then it is neither bound nor reflected.",
  }),
  HIPSTERSHOP_CALLS_PER_MINUTE: setting.integer({
    default: 12_000,
    doc: "Calls of the hipstershop contract that one address may make in a minute; 0 means no limit.",
  }),
  HIPSTERSHOP_ACTS_PER_MINUTE: setting.integer({
    default: 600,
    doc: "Calls of it that charge, ship, order or mail, which one address may make in a minute; 0 means no limit.",
  }),
});

/** Whether a contract is the one of others. */
export function isForeign({ typeName }: Pick<DescService, "typeName">): boolean {
  return typeName.startsWith(foreignPackage);
}

/** Whether it is answered here; `isWhole` says that the whole shop runs on this machine. */
export function answersForeign({ HIPSTERSHOP }: ConfigOf<typeof ForeignConfig>, isWhole: boolean): boolean {
  return HIPSTERSHOP === "auto" ? isWhole : HIPSTERSHOP === "on";
}

/** Counts calls of the foreign contract by the address they come from, in this process. Other contracts pass uncounted. */
export class ForeignLimits {
  readonly #calls: RequestLimit | undefined;
  readonly #acts: RequestLimit | undefined;

  constructor(config: ConfigOf<typeof ForeignConfig>, clock: Clock) {
    const limit = (perMinute: number) => (perMinute > 0 ? new RequestLimit(clock, perMinute) : undefined);
    this.#calls = limit(config.HIPSTERSHOP_CALLS_PER_MINUTE);
    this.#acts = limit(config.HIPSTERSHOP_ACTS_PER_MINUTE);
  }

  /** Counts one call, or throws RATE_LIMITED. `peer` is what gRPC calls the other end: address and port. */
  take(method: DescMethod, peer: string): void {
    if (!isForeign(method.parent)) return;
    const key = limitKey(addressOfPeer(peer));
    if (acts.has(method.name)) this.#acts?.take(key);
    this.#calls?.take(key);
  }
}
