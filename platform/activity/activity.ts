// Who did what to what, from where and why: one row in the transaction of the deed.
import { Counter } from "prom-client";
import type { Caller } from "#platform/auth/actor.ts";
import type { Tx } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { insertActivity, type SaltedValue } from "./activity-store.ts";
import { newSalt, saltedHash } from "./chain.ts";

const recorded = new Counter({
  name: "stoa_activity_total",
  help: "Entries written to the activity log, by action.",
  labelNames: ["action"] as const,
  registers: [registry],
});

/** Who did something: a person or machine by role, a service of the shop, a command at a terminal, or nobody known. */
export interface ActivityActor {
  readonly kind: "admin" | "customer" | "guest" | "machine" | "service" | "command" | "anonymous";
  readonly id: string;
}

/** What the log keeps of a call: who made it, from where, and its ids. Every `Call` is one. */
export type ActivityCall = Caller &
  Partial<Pick<Call, "requestId" | "trace" | "clientAddress" | "userAgent" | "log">>;

export interface Activity {
  /** Whoever made the call, where nothing is said. */
  readonly actor?: ActivityActor;
  /** Such as `order.refund`: a constant of the code, since it labels a metric. */
  readonly action: `${string}.${string}`;
  readonly subject: { readonly kind: string; readonly id: string };
  /** In words of whoever did it. It lies apart, like everything personal. */
  readonly reason?: string | undefined;
  /** What was different before and after: plain data with nothing personal in it but ids. */
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  /** Id of the person whom it concerns. When this person is erased, the reason and `personal` go. */
  readonly about?: string | undefined;
  /** Values that say something about a person, such as `{ email }`; the chain holds their salted hashes only. */
  readonly personal?: { readonly [name: string]: string | undefined };
  /** The call that asked for it; absent for commands and jobs, which then name an actor. */
  readonly call?: ActivityCall | undefined;
}

const textMax = 500;
const agentMax = 200;

/**
 * Writes what is done, in the transaction of the deed: one is there if and only if the other is. Takes no lock that another writer could
 * wait for; a job seals the row into the chain within about a second. On commit it is counted, and told to the log without anything personal.
 */
export async function recordActivity(tx: Tx, activity: Activity): Promise<void> {
  const { action, subject, about, call, before, after } = activity;
  const actor = activity.actor ?? actorOf(call);
  await insertActivity(tx, {
    actorKind: actor.kind,
    actor: actor.id,
    action,
    subjectKind: subject.kind,
    subject: subject.id,
    about,
    before,
    after,
    requestId: call?.requestId,
    traceId: call?.trace?.traceId,
    personal: personalOf(activity, actor),
  });
  tx.onCommit(() => {
    recorded.inc({ action });
    const who = { actor: actor.id, actorKind: actor.kind };
    const what = { action, subject: subject.id, subjectKind: subject.kind };
    call?.log?.info({ kind: "audit", ...who, ...what }, "An entry was added to the activity log.");
  });
}

/** Who acts by a call, for the log. */
export function actorOf(call: ActivityCall | undefined): ActivityActor {
  if (!call) return { kind: "anonymous", id: "anonymous" };
  const { actor, service } = call;
  if (actor.kind === "user") return { kind: actor.role, id: actor.userId };
  return service === undefined ? { kind: "anonymous", id: "anonymous" } : { kind: "service", id: service };
}

function personalOf({ reason, about, personal, call }: Activity, actor: ActivityActor): SaltedValue[] {
  const ofActor = { address: call?.clientAddress, agent: call?.userAgent?.slice(0, agentMax) };
  return [
    ...salted(ofActor, about !== undefined && actor.kind === "anonymous" ? about : actor.id),
    ...salted({ ...personal, reason }, about),
  ];
}

function salted(values: { readonly [name: string]: string | undefined }, person: string | undefined) {
  return Object.entries(values).flatMap(([name, given]) => {
    if (given === undefined || given === "") return [];
    const value = given.slice(0, textMax);
    const salt = newSalt();
    return [{ name, person, salt, value, hash: saltedHash(salt, value) }];
  });
}
