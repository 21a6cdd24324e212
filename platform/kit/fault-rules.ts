// What a fault is, as an admin writes it: where, how often, what, and until when.
import { invalid, type FieldViolation } from "./errors.ts";
import type { FlagValue } from "./flag-switch.ts";

/** The flag that holds the rules: a list of `FaultRule`, whose instants are ISO texts. */
export const faultsFlag = "faults";

/** Carries the name of a fault that a caller asks for, over HTTP and gRPC alike. */
export const faultHeader = "x-stoa-fault";

/** The name with which the shop's own work for its staff goes free of every fault. */
export const sparedName = "none";

/** How a process fails, by the gRPC codes of the real failures. */
export const failures = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED"] as const;

/** One fault that is injected on purpose. */
export interface FaultRule {
  /** `rpc:` and the full name of an RPC, a contract with `/*`, or `*`; or `route:` and the path as its route is declared. */
  readonly where: string;
  /** Part of the requests that it meets, from 0 to 1. */
  readonly share: number;
  /** Only those that ask for it meet it: `X-Stoa-Fault: <name>`. */
  readonly header?: string;
  /** The answer waits so long first. */
  readonly delayMs?: number;
  /** It fails as a process does that is gone, hangs, is broken or full. */
  readonly fail?: (typeof failures)[number];
  /** It is refused with this reason, one of docs/reference/errors.md. */
  readonly refuse?: string;
  /** ISO 8601; at most a day ahead. */
  readonly until: string;
}

const rulesMax = 50;
const delayMsMax = 60_000;
const aheadMsMax = 24 * 3_600_000;
const places = /^(?:rpc:(?:\*|[\w.]+\/(?:\*|\w+))|route:\/\S*)$/;
const headerShape = /^x-stoa-fault: ?([\w.-]{1,64})$/i;
const members = new Set(["where", "share", "header", "delayMs", "fail", "refuse", "until"]);

/** The name in a rule's `header`; undefined for a rule without one. */
export function faultNameOf({ header }: FaultRule): string | undefined {
  return header === undefined ? undefined : headerShape.exec(header)?.[1]?.toLowerCase();
}

/** Reads rules strictly. Throws `invalid` with a sentence for every fault of them. Whether an RPC exists is not looked at. */
export function parseFaultRules(value: FlagValue, now: Date): FaultRule[] {
  if (!Array.isArray(value)) throw invalid([{ path: "value", message: "must be a list of fault rules" }]);
  const rules = value as readonly unknown[];
  if (rules.length > rulesMax)
    throw invalid([{ path: "value", message: `must be at most ${rulesMax} fault rules` }]);
  const violations = rules.flatMap((rule, index) => faultsOf(rule, `value[${index}]`, now));
  if (violations.length > 0) throw invalid(violations);
  return rules as FaultRule[];
}

function faultsOf(rule: unknown, path: string, now: Date): FieldViolation[] {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule))
    return [{ path, message: "must be an object with where, share and until" }];
  const of = rule as Record<string, unknown>;
  const wrong: FieldViolation[] = Object.keys(of)
    .filter((name) => !members.has(name))
    .map((name) => ({ path: `${path}.${name.slice(0, 100)}`, message: "is not a known field" }));
  const say = (name: string, isRight: boolean, message: string) => {
    if (!isRight) wrong.push({ path: `${path}.${name}`, message });
  };
  const { where, share, header, delayMs, fail, refuse, until } = of;
  say(
    "where",
    typeof where === "string" && where.length <= 200 && places.test(where),
    "must be rpc:<package.Service>/<Rpc>, rpc:<package.Service>/*, rpc:* or route:/<path>",
  );
  say("share", isWithin(share, 0, 1), "must be a number from 0 to 1: the part of the requests that it meets");
  const name = typeof header === "string" ? headerShape.exec(header)?.[1]?.toLowerCase() : undefined;
  say(
    "header",
    header === undefined || (name !== undefined && name !== sparedName),
    `must read "X-Stoa-Fault: <name>" with a name of letters, digits, dots and dashes that is not ${sparedName}`,
  );
  say(
    "delayMs",
    delayMs === undefined || isWithin(delayMs, 1, delayMsMax),
    `must be a number of milliseconds from 1 to ${delayMsMax}`,
  );
  say(
    "fail",
    fail === undefined || failures.some((one) => one === fail),
    `must be one of ${failures.join(", ")}`,
  );
  say(
    "refuse",
    refuse === undefined || (typeof refuse === "string" && /^[A-Z][A-Z_]{1,63}$/.test(refuse)),
    "must be a reason that refusals have (docs/reference/errors.md), such as NOT_FOUND",
  );
  say(
    "fail",
    fail === undefined || refuse === undefined,
    "cannot stand beside refuse: one answer is one of them",
  );
  if ([delayMs, fail, refuse].every((one) => one === undefined))
    wrong.push({ path, message: "does nothing: say delayMs, fail or refuse" });
  wrong.push(...faultsOfEnd(until, `${path}.until`, now));
  return wrong;
}

function faultsOfEnd(until: unknown, path: string, now: Date): FieldViolation[] {
  const isIso = typeof until === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(until);
  const endMs = isIso ? Date.parse(until) : Number.NaN;
  if (!Number.isFinite(endMs))
    return [{ path, message: "must say when the fault ends, such as 2026-05-04T12:30:00Z" }];
  if (endMs <= now.getTime()) return [{ path, message: "must lie ahead: this moment has passed" }];
  if (endMs > now.getTime() + aheadMsMax) return [{ path, message: "must be at most 24 hours ahead" }];
  return [];
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}
