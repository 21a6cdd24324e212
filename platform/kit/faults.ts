// Fault injection: what this process does wrong on purpose, while an admin says so.
import type { Logger } from "#platform/telemetry/log.ts";
import { faultsActive, faultsInjected } from "#platform/telemetry/metrics.ts";
import type { Clock } from "./clock.ts";
import { errorOfStatus } from "#platform/rpc/status.ts";
import { appError, errorKinds, toAppError, type AppError } from "./errors.ts";
import type { ErrorReason } from "./error-reasons.ts";
import { randomFraction } from "./ids.ts";
import { faultNameOf, faultsFlag, parseFaultRules, sparedName, type FaultRule } from "./fault-rules.ts";
import type { FlagSwitch } from "./flag-switch.ts";

/** The contracts of the kit: without them no switch would be heard, no token verified and nothing be seen. */
const kitContract = /^stoa\.platform\.|^grpc\./;

export interface FaultsOptions {
  /** The services of this process, for the metric. */
  readonly services: readonly string[];
  /** What refusals are made of, by reason. */
  readonly reasons: { readonly [reason: string]: ErrorReason };
  readonly clock: Clock;
  readonly log: Logger;
}

/** A fault that a request has met. */
export interface MetFault {
  /** The rule's `where`, and the name that asked for it: what logs and traces say. */
  readonly told: string;
  readonly delayMs: number;
  /** What it is answered with; undefined when it only waits. Made anew each time. */
  readonly answer: (() => AppError) | undefined;
}

interface Entry {
  readonly rule: FaultRule;
  readonly name: string | undefined;
  readonly endMs: number;
}

/** The faults of one process. */
export class Faults {
  readonly #options: FaultsOptions;
  #entries: readonly Entry[] = [];
  #timer: { stop(): void } | undefined;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** Takes in what was switched; what cannot be read is left out, with a line in the log. */
  hear(switches: readonly FlagSwitch[]): void {
    const { clock, log } = this.#options;
    const before = this.#entries.length;
    this.#entries = this.#entriesOf(switches.find(({ name }) => name === faultsFlag));
    inForce = this.#entries.length > 0 ? this : undefined;
    this.#count();
    const endMs = Math.max(...this.#entries.map((entry) => entry.endMs)) - clock.now().getTime();
    this.#timer?.stop();
    if (inForce) this.#timer = clock.after(endMs, () => this.#end());
    if (this.#entries.length !== before)
      log.warn(
        { faults: this.#entries.map(({ rule }) => rule.where), at: clock.now().toISOString() },
        this.#entries.length > 0 ? "Faults are injected into this process." : "Faults are injected no more.",
      );
  }

  /** The rules that have not ended. */
  list(): FaultRule[] {
    const nowMs = this.#options.clock.now().getTime();
    return this.#entries.filter(({ endMs }) => endMs > nowMs).map(({ rule }) => rule);
  }

  /** The same in sentences. */
  tell(): string[] {
    return this.list().map(({ where, share, header, delayMs, fail, refuse, until }) => {
      const whose = header === undefined ? "" : ` with ${header}`;
      const does = [delayMs === undefined ? "" : `wait ${delayMs} ms`, fail ? `fail with ${fail}` : ""];
      const what = [...does, refuse === undefined ? "" : `are refused with ${refuse}`]
        .filter(Boolean)
        .join(" and ");
      return `${Math.round(share * 1000) / 10} % of ${where}${whose} ${what} until ${until}.`;
    });
  }

  /** Nothing is wrong here any more. */
  close(): void {
    this.hear([]);
  }

  /** The fault that a call of an RPC meets; `asked` is the name that travels with it. */
  atRpc(contract: string, method: string, asked: string | undefined): MetFault | undefined {
    return this.#find(asked, (where) => {
      if (where === `rpc:${contract}/${method}`) return true;
      if (kitContract.test(contract)) return false;
      return where === "rpc:*" || where === `rpc:${contract}/*`;
    });
  }

  /** The fault that a request to a route meets. */
  atRoute(route: string, asked: string | undefined): MetFault | undefined {
    return this.#find(asked, (where) => where === `route:${route}`);
  }

  /** Nobody need be heard for it. */
  #end(): void {
    this.#entries = this.#entries.filter(({ endMs }) => endMs > this.#options.clock.now().getTime());
    if (this.#entries.length === 0 && inForce === this) inForce = undefined;
    this.#count();
  }

  #count(): void {
    for (const service of this.#options.services) faultsActive.set({ service }, this.#entries.length);
  }

  #find(asked: string | undefined, isHere: (where: string) => boolean): MetFault | undefined {
    if (asked === sparedName) return undefined;
    const nowMs = this.#options.clock.now().getTime();
    for (const { rule, name, endMs } of this.#entries) {
      if (endMs <= nowMs || !isHere(rule.where)) continue;
      if (name !== undefined && name !== asked) continue;
      if (rule.share < 1 && randomFraction() >= rule.share) continue;
      return this.#met(rule, name);
    }
    return undefined;
  }

  #met(rule: FaultRule, name: string | undefined): MetFault {
    const { where, delayMs = 0, fail, refuse } = rule;
    faultsInjected.inc({ kind: fail ?? (refuse === undefined ? "delay" : "refusal") });
    const told = name === undefined ? where : `${where} (${name})`;
    const isAnswered = fail !== undefined || refuse !== undefined;
    return { told, delayMs, answer: isAnswered ? () => this.#answerOf(rule) : undefined };
  }

  #answerOf({ fail, refuse = "" }: FaultRule): AppError {
    if (fail) return failed(fail);
    const { kind, meaning, retryAfterSeconds } = this.#options.reasons[refuse] ?? unlisted;
    const more = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    return appError(kind, refuse, { publicMessage: meaning, ...more });
  }

  #entriesOf(found: FlagSwitch | undefined): Entry[] {
    if (!found) return [];
    const { clock, log } = this.#options;
    try {
      // What was in order when it was switched on may have ended since.
      return parseFaultRules(found.value, found.at)
        .map((rule) => ({ rule, name: faultNameOf(rule), endMs: Date.parse(rule.until) }))
        .filter(({ endMs }) => endMs > clock.now().getTime());
    } catch (error) {
      log.warn({ err: error }, "The rules of fault injection cannot be read here; no fault is injected.");
      return [];
    }
  }
}

const unlisted: ErrorReason = { kind: "precondition", meaning: "This is refused for the moment." };

/** As the failures of a process look to whoever waits for it. */
function failed(fail: NonNullable<FaultRule["fail"]>): AppError {
  switch (fail) {
    case "UNAVAILABLE":
      return silence(errorKinds.unavailable.grpc);
    case "DEADLINE_EXCEEDED":
      return silence(errorKinds.deadline_exceeded.grpc);
    case "RESOURCE_EXHAUSTED":
      return appError("unavailable", "OVERLOADED", {
        publicMessage: "A part of the shop has more to do than it can right now. Try again in a moment.",
        retryAfterSeconds: 1,
      });
    case "INTERNAL":
      return toAppError(new Error("This failure was injected on purpose."));
  }
}

const silent = new WeakSet<object>();

/** What a caller sees when no word of an answer came. */
function silence(code: number): AppError {
  const error = errorOfStatus(code, "This failure was injected on purpose.", undefined);
  silent.add(error);
  return error;
}

/** True for an injected failure after which the caller must see what a dead process leaves: a code, and none of our words. */
export function isInjectedSilence(error: unknown): boolean {
  return typeof error === "object" && error !== null && silent.has(error);
}

let inForce: Faults | undefined;
let isAllowed = false;

/** The faults of this process while there are any; undefined costs nothing. */
export function faultsInForce(): Faults | undefined {
  return inForce;
}

/** Says whether this process may inject faults at all: FAULT_INJECTION. */
export function allowFaults(allowed: boolean): void {
  isAllowed = allowed;
}

/** Whether this process may inject faults at all; where not, the names that callers send are not even read. */
export function mayInjectFaults(): boolean {
  return isAllowed;
}

/** The name of a fault that a caller asks for; undefined for none, and wherever faults are not allowed. */
export function askedFault(header: string | string[] | undefined): string | undefined {
  if (!isAllowed || typeof header !== "string") return undefined;
  return /^[\w.-]{1,64}$/.test(header) ? header.toLowerCase() : undefined;
}
