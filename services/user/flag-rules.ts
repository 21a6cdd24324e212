// What may be switched, and to what.
import { recordActivity } from "#platform/activity/activity.ts";
import type { Tx } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import { mayInjectFaults } from "#platform/kit/faults.ts";
import { faultsFlag, parseFaultRules, type FaultRule } from "#platform/kit/fault-rules.ts";
import { typeOfFlag, type FlagSwitch, type FlagValue } from "#platform/kit/flag-switch.ts";
import type { Flags, FlagState } from "#platform/kit/flags.ts";
import { nearestOf } from "#platform/kit/nearest.ts";
import { refusal } from "./errors.ts";

const reasonMin = 3;
const reasonMax = 500;

/** Why somebody switches: whoever comes after them reads it. */
export function requireReason(text: string): string {
  const reason = text.trim();
  if (reason.length >= reasonMin && reason.length <= reasonMax && !/\p{C}/u.test(reason)) return reason;
  throw invalid([
    { path: "reason", message: `must say why, in ${reasonMin} to ${reasonMax} characters on one line` },
  ]);
}

interface Change {
  readonly name: string;
  readonly reason: string;
  readonly before: FlagSwitch | undefined;
  readonly after: Pick<FlagSwitch, "value" | "share"> | undefined;
}

/** Who switched what and why, in the transaction of the deed. */
export async function noteSwitch(tx: Tx, call: Call, change: Change): Promise<void> {
  const { name, reason, before, after } = change;
  await recordActivity(tx, {
    action: name === faultsFlag ? "fault.change" : "flag.change",
    subject: { kind: "flag", id: name },
    reason,
    before: before && { value: before.value, share: before.share },
    after,
    call,
  });
}

interface Wanted {
  readonly name: string;
  readonly value: FlagValue;
  readonly share: number;
}

/** Refuses a flag that there is not, a value of another type than it has, and faults that cannot be. */
export async function requireSwitchable(
  { flags }: { readonly flags: Flags },
  { name, value, share }: Wanted,
  now: Date,
): Promise<void> {
  if (name === faultsFlag) {
    if (share !== 1) throw invalid([{ path: "share", message: "stands in each rule of a fault" }]);
    return await requireFaults(value, now);
  }
  const state = await requireKnown(flags, name);
  const type = typeOfFlag(state.value);
  if (typeOfFlag(value) !== type) throw invalid([{ path: "value", message: `must be of the type ${type}` }]);
}

/** Refuses a name that no flag of this release has. */
export async function requireKnown(flags: Flags, name: string): Promise<FlagState> {
  const states = await flags.list();
  const state = states.find((one) => one.name === name);
  if (!state) throw unknownFlag(name, [...states.map((one) => one.name), faultsFlag]);
  return state;
}

function unknownFlag(name: string, names: readonly string[]) {
  const publicMessage = `There is no flag ${name.slice(0, 60)}. Did you mean ${nearestOf(name, names).nearest}?`;
  return refusal("FLAG_NOT_FOUND", { publicMessage });
}

async function requireFaults(value: FlagValue, now: Date): Promise<void> {
  const rules = parseFaultRules(value, now);
  if (rules.length > 0 && !mayInjectFaults()) throw refusal("FAULTS_REFUSED");
  const { rpcs, routes, reasons } = await import("#gen/fault-places.ts");
  const violations = rules.flatMap((rule, index) => {
    const path = `value[${index}]`;
    return [...unknownPlace(rule, `${path}.where`, { rpcs, routes }), ...unknownReason(rule, path, reasons)];
  });
  if (violations.length > 0) throw invalid(violations);
}

function unknownPlace(
  { where }: FaultRule,
  path: string,
  { rpcs, routes }: { readonly rpcs: readonly string[]; readonly routes: readonly string[] },
): FieldViolation[] {
  const contracts = new Set(rpcs.map((rpc) => `rpc:${rpc.split("/", 1)[0]}/*`));
  const known = [
    "rpc:*",
    ...contracts,
    ...rpcs.map((rpc) => `rpc:${rpc}`),
    ...routes.map((one) => `route:${one}`),
  ];
  if (known.includes(where)) return [];
  const kind = where.startsWith("rpc:") ? "RPC" : "route that faults can meet";
  const alike = known.filter((one) => one.startsWith(where.slice(0, 4)));
  return [{ path, message: `names no ${kind}: did you mean ${nearestOf(where, alike).nearest}?` }];
}

function unknownReason({ refuse }: FaultRule, path: string, reasons: object): FieldViolation[] {
  if (refuse === undefined || Object.hasOwn(reasons, refuse)) return [];
  const { nearest } = nearestOf(refuse, Object.keys(reasons));
  return [{ path: `${path}.refuse`, message: `is no reason that refusals have: did you mean ${nearest}?` }];
}
