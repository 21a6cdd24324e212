// The public contract that belongs to others. Its calls carry no identity, so whoever reaches its port may do all it offers.
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Clock } from "#platform/kit/clock.ts";
import { invalid } from "#platform/kit/errors.ts";
import { defineConfig, setting, type ConfigOf } from "#platform/kit/config.ts";
import { limitKey, RequestLimit } from "#platform/kit/rate-limit.ts";
import type { SharedStore } from "#platform/redis/replica-store.ts";
import type { RequestBounds } from "./clean-request.ts";
import { addressOfPeer } from "./client-address.ts";

const foreignPackage = "hipstershop.";

/** RPCs of that contract that leave something behind: money spent, a parcel, a mail, a cart. */
const acts = ["Charge", "ShipOrder", "SendOrderConfirmation", "PlaceOrder", "AddItem"];

/** More than any shopper's order holds: a cart has a hundred lines. What is stored of a call is not much larger than the call. */
export const foreignBounds: RequestBounds = { textBytesMax: 1024, elementsMax: 100 };
const requestBytesMax = 32 * 1024;

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
    doc: "Calls that one address may make in a minute of each RPC of it that leaves something behind (Charge, ShipOrder, SendOrderConfirmation, PlaceOrder, AddItem); 0 means no limit.",
  }),
  HIPSTERSHOP_ACT_BYTES_PER_MINUTE: setting.integer({
    default: 2 * 1024 * 1024,
    doc: "Bytes of such calls, all together, that one address may send in a minute; 0 means no limit.",
  }),
});

/** Whether a contract is the one of others. */
export function isForeign({ typeName }: Pick<DescService, "typeName">): boolean {
  return typeName.startsWith(foreignPackage);
}

/** Refuses a request of that contract that is larger than any of an honest client. */
export function requireOrdinarySize({ parent }: DescMethod, bytes: number): void {
  if (!isForeign(parent) || bytes <= requestBytesMax) return;
  throw invalid([{ path: "", message: `A request may have at most ${requestBytesMax} bytes.` }]);
}

/** Whether it is answered here; `isWhole` says that the whole shop runs on this machine. */
export function answersForeign({ HIPSTERSHOP }: ConfigOf<typeof ForeignConfig>, isWhole: boolean): boolean {
  return HIPSTERSHOP === "auto" ? isWhole : HIPSTERSHOP === "on";
}

/** Counts calls of the foreign contract by the address they come from. Other contracts pass uncounted. */
export class ForeignLimits {
  readonly #calls: RequestLimit | undefined;
  readonly #acts: ReadonlyMap<string, RequestLimit | undefined>;
  readonly #actBytes: RequestLimit | undefined;

  constructor(config: ConfigOf<typeof ForeignConfig>, clock: Clock, store?: SharedStore) {
    const limit = (name: string, perMinute: number) =>
      perMinute > 0 ? new RequestLimit(clock, perMinute, { store, name: `foreign.${name}` }) : undefined;
    this.#calls = limit("calls", config.HIPSTERSHOP_CALLS_PER_MINUTE);
    this.#acts = new Map(acts.map((name) => [name, limit(name, config.HIPSTERSHOP_ACTS_PER_MINUTE)]));
    this.#actBytes = limit("bytes", config.HIPSTERSHOP_ACT_BYTES_PER_MINUTE);
  }

  /** Counts one call of so many bytes, or throws RATE_LIMITED. `peer` is what gRPC calls the other end: address and port. */
  async take(method: DescMethod, peer: string, bytes: number): Promise<void> {
    if (!isForeign(method.parent)) return;
    const key = limitKey(addressOfPeer(peer));
    if (this.#acts.has(method.name)) {
      await this.#acts.get(method.name)?.take(key);
      await this.#actBytes?.take(key, bytes);
    }
    await this.#calls?.take(key);
  }
}
