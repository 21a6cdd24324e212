// Entries about what was refused: there is no deed whose transaction they could be part of, and whoever is refused may come often.
import type { Database } from "#platform/database/db.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { AppError } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { recordActivity, type Activity } from "./activity.ts";

const perMinuteMax = 120;
const minuteMs = 60_000;

/** Reasons by which somebody is refused what only the staff, another key or a service of the shop may do. */
const denials = new Set(["ADMIN_REQUIRED", "KEY_OUT_OF_SCOPE", "SERVICE_REQUIRED"]);

/** Whether a refusal is a denial: somebody reached for what is not theirs. */
export function isDenial(reason: string): boolean {
  return denials.has(reason);
}

/**
 * Writes entries beside what happens: each in a transaction of its own, which takes no lock, and never more than 120 a minute from one
 * process, whatever comes; the next entry tells how many were left out as `unwritten`. A failure is logged and changes nothing for the caller.
 */
export class ActivityAside {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  #startedMs = Number.NEGATIVE_INFINITY;
  #count = 0;
  #unwritten = 0;

  constructor(db: Database, clock: Clock, log: Logger) {
    this.#db = db;
    this.#clock = clock;
    this.#log = log;
  }

  /** Writes the entry, or leaves it out. Never rejects. */
  async record(activity: Activity): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#startedMs >= minuteMs) {
      this.#startedMs = nowMs;
      this.#count = 0;
    }
    if (this.#count >= perMinuteMax) {
      this.#unwritten += 1;
      return;
    }
    this.#count += 1;
    const unwritten = this.#unwritten;
    this.#unwritten = 0;
    const after = unwritten > 0 ? { ...activity.after, unwritten } : activity.after;
    try {
      await this.#db.inTransaction(
        async (tx) => await recordActivity(tx, after ? { ...activity, after } : activity),
      );
    } catch (error) {
      this.#log.warn({ err: error, action: activity.action }, "An entry of the activity log is missing.");
    }
  }
}

/** Writes into a service's log who was refused an RPC that is not theirs, after the refusal has left. */
export function noteDenials(
  db: Database,
  clock: Clock,
  log: Logger,
): (refusal: AppError, rpc: string, call: Call) => void {
  const aside = new ActivityAside(db, clock, log);
  return ({ reason }, rpc, call) => {
    if (isDenial(reason)) void aside.record(denial(rpc, reason, call));
  };
}

/** The entry about somebody who was refused `operation`. */
export function denial(operation: string, reason: string, call: Call): Activity {
  return { action: "access.denied", subject: { kind: "operation", id: operation }, after: { reason }, call };
}
