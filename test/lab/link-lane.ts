// One direction of a connection through a link: what comes in is delivered in order, when the link lets it.
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { systemClock } from "#platform/kit/clock.ts";
import { bytesBeforeReset, isHeld, type Direction, type LinkFault } from "./link-fault.ts";

interface Bytes {
  readonly kind: "bytes";
  readonly bytes: Buffer;
  readonly arrivedMs: number;
}

/** What waits to be delivered: bytes, or their end. */
type Parcel =
  | Bytes
  | { readonly kind: "end"; readonly arrivedMs: number }
  | { readonly kind: "lost"; readonly arrivedMs: number };

export interface LaneOptions {
  readonly link: {
    readonly fault: LinkFault;
    readonly changed: Promise<void>;
    readonly carried: Record<Direction, number>;
  };
  readonly direction: Direction;
  readonly from: Socket;
  readonly to: Socket;
  /** Resets both sides. */
  readonly onReset: () => void;
}

/** As much as a kernel would take; then the sender has to wait, as on a real link. */
const waitingBytesMax = 256 * 1024;
/** Where bytes are rationed, they come in portions of so much time. */
const portionSeconds = 0.05;

export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting: Parcel[] = [];
  #waitingBytes = 0;
  #arrival = Promise.withResolvers<void>();
  #freeAtMs = 0;
  #delivered = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
    const { from, to } = options;
    from.on("data", (bytes: Buffer) => {
      this.#waitingBytes += bytes.length;
      if (this.#waitingBytes > waitingBytesMax) from.pause();
      this.#take({ kind: "bytes", bytes, arrivedMs: systemClock.monotonicMs() });
    });
    from.once("end", () => this.#take({ kind: "end", arrivedMs: systemClock.monotonicMs() }));
    from.once("close", () => this.#take({ kind: "lost", arrivedMs: systemClock.monotonicMs() }));
    to.once("close", () => this.#wake());
  }

  /** Delivers until one side is gone. */
  async run(): Promise<void> {
    const { link, direction, from, to } = this.#options;
    for (;;) {
      const next = this.#waiting[0];
      if (to.destroyed || (!next && from.destroyed)) return void from.destroy();
      if (!next) {
        await this.#arrival.promise;
        continue;
      }
      if (isHeld(link.fault, direction)) {
        await Promise.race([link.changed, this.#arrival.promise]);
        continue;
      }
      const waitMs = this.#dueMs(next) - systemClock.monotonicMs();
      if (waitMs > 0) {
        await Promise.race([systemClock.sleep(waitMs), link.changed]);
        continue;
      }
      this.#waiting.shift();
      if (next.kind === "lost") return to.destroySoon();
      if (next.kind === "end") to.end();
      else if (await this.#deliver(next)) return this.#options.onReset();
    }
  }

  #take(parcel: Parcel): void {
    this.#waiting.push(parcel);
    this.#wake();
  }

  #wake(): void {
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers<void>();
  }

  #dueMs({ arrivedMs }: Parcel): number {
    const { fault } = this.#options.link;
    return fault.kind === "slow" ? Math.max(arrivedMs + fault.latencyMs, this.#freeAtMs) : 0;
  }

  /** True when the connection has had all it gets. */
  async #deliver(parcel: Bytes): Promise<boolean> {
    const { link, direction, from, to } = this.#options;
    const { fault } = link;
    const beforeReset = direction === "back" ? bytesBeforeReset(fault) : undefined;
    const bytes = parcel.bytes.subarray(0, this.#portion(fault, beforeReset));
    const rest = parcel.bytes.subarray(bytes.length);
    if (rest.length > 0) this.#waiting.unshift({ ...parcel, bytes: rest });
    if (fault.kind === "slow" && fault.bytesPerSecond !== undefined)
      this.#freeAtMs = systemClock.monotonicMs() + (bytes.length / fault.bytesPerSecond) * 1000;
    this.#waitingBytes -= bytes.length;
    if (this.#waitingBytes <= waitingBytesMax && from.isPaused()) from.resume();
    this.#delivered += bytes.length;
    link.carried[direction] += bytes.length;
    if (to.writable && bytes.length > 0) {
      const isRoom = to.write(fault.kind === "garbage" ? randomBytes(bytes.length) : bytes);
      if (!isRoom) await drained(to);
    }
    return beforeReset !== undefined && this.#delivered >= beforeReset;
  }

  #portion(fault: LinkFault, beforeReset: number | undefined): number {
    if (beforeReset !== undefined) return Math.max(0, beforeReset - this.#delivered);
    if (fault.kind !== "slow" || fault.bytesPerSecond === undefined) return Number.MAX_SAFE_INTEGER;
    return Math.max(1, Math.floor(fault.bytesPerSecond * portionSeconds));
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.once("drain", done).once("close", done);
  });
}
