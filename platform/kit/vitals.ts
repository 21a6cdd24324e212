// Whether the process itself can keep up: its event loop turns, and its heap has room.
import { getHeapStatistics } from "node:v8";
import { systemClock } from "./clock.ts";

/** One look at the process. */
export interface Pulse {
  readonly nowMs: number;
  /** How much later than it should the look came. */
  readonly lateMs: number;
  /** Time the process itself has computed since the look before; the rest it was kept from the processor. */
  readonly busyMs: number;
  /** Used part of the heap's limit, from 0 to 1. */
  readonly heapShare: number;
}

const everyMs = 500;
/** A loop that stood still for so long answers nobody (reliability.md, faults: "Event loop blocked"). */
const blockedMs = 1_000;
/** Part of the heap's limit beyond which V8 does little but collect garbage. */
const heapFull = 0.85;
const heapRoomy = 0.75;
/** Garbage comes and goes; only what stays for so many looks in a row is held. */
const heapLooks = 8;
/** What is mended must have stayed so for this long, so that readiness does not flap. */
const calmMs = 3_000;

/**
 * Judges looks. A loop that its own work has blocked, or a heap that stays near its limit, makes the process unready until it has been
 * calm for three seconds. A process that was stopped, or kept from the processor by others, is not at fault: else one busy machine
 * would take all its processes out of the rotation.
 */
export class Vitals {
  #blockedAtMs: number | undefined;
  #fullLooks = 0;
  #roomySinceMs: number | undefined;
  #isHeapFull = false;

  take({ nowMs, lateMs, busyMs, heapShare }: Pulse): void {
    if (lateMs >= blockedMs && (busyMs >= blockedMs || busyMs >= lateMs / 2)) this.#blockedAtMs = nowMs;
    else if (this.#blockedAtMs !== undefined && nowMs - this.#blockedAtMs >= calmMs)
      this.#blockedAtMs = undefined;
    this.#fullLooks = heapShare >= heapFull ? this.#fullLooks + 1 : 0;
    if (this.#fullLooks >= heapLooks) this.#isHeapFull = true;
    this.#roomySinceMs = heapShare < heapRoomy ? (this.#roomySinceMs ?? nowMs) : undefined;
    if (this.#roomySinceMs !== undefined && nowMs - this.#roomySinceMs >= calmMs) this.#isHeapFull = false;
  }

  /** Full sentences about what keeps the process from serving; empty when it is well. */
  get lacks(): readonly string[] {
    return [
      ...(this.#blockedAtMs === undefined ? [] : ["The event loop of its process was blocked just now."]),
      ...(this.#isHeapFull ? ["The memory of its process is nearly used up."] : []),
    ];
  }
}

/** Feels the pulse of this process until the signal aborts; `onPulse` is called after each look. */
export function watchProcess(vitals: Vitals, stop: AbortSignal, onPulse: () => void): void {
  // The machine's time, whatever time it is in the shop: it is the process that is looked at.
  const clock = systemClock;
  let lookedMs = clock.monotonicMs();
  let computedMs = computed();
  const look = () => {
    if (stop.aborted) return;
    const nowMs = clock.monotonicMs();
    const busyMs = computed() - computedMs;
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    vitals.take({ nowMs, lateMs: nowMs - lookedMs - everyMs, busyMs, heapShare: used / limit });
    lookedMs = nowMs;
    computedMs += busyMs;
    onPulse();
    clock.after(everyMs, look);
  };
  clock.after(everyMs, look);
}

function computed(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
