// What the ops room shows of the whole shop, made of what its processes tell of themselves.
import type { AdminContext } from "../context.ts";
import { mergeShop } from "./merge-shop.ts";
import { opsLinks, type LinkConfig, type OpsLinks } from "./links.ts";
import { shopPlan } from "#platform/operations/shop-plan.ts";

/** One look at the shop: every service of the shop file, every process that was heard of, every way between two services. */
export interface ShopReport {
  /** Unix time of the look. */
  readonly atMs: number;
  readonly services: readonly ShopService[];
  readonly processes: readonly ShopProcess[];
  readonly edges: readonly ShopEdge[];
  /** Faults that are injected on purpose right now, one sentence each. */
  readonly faults: readonly string[];
  readonly links: OpsLinks;
}

/** `missing`: no process with it answers. `outside`: somebody else's service stands in its place. */
export type ShopServiceStatus = "up" | "degraded" | "down" | "missing" | "outside";

/** One service with all its replicas. Figures are those of the last minute. */
export interface ShopService {
  readonly name: string;
  readonly isEdge: boolean;
  readonly hasDatabase: boolean;
  readonly status: ShopServiceStatus;
  /** Full sentences, of any of its replicas; empty when it is up. */
  readonly lacks: readonly string[];
  /** Processes with it that answer. */
  readonly answering: number;
  /** Processes with it that did answer, or should, and do not. */
  readonly silent: number;
  readonly traffic: Figures;
  /** Routes and RPCs, slowest first. */
  readonly entrances: readonly ShopEntrance[];
}

/** Of the last minute; `p95Ms` is undefined where nothing came. */
export interface Figures {
  readonly perSecond: number;
  readonly errorsPerSecond: number;
  readonly p95Ms: number | undefined;
}

export interface ShopEntrance extends Figures {
  readonly kind: "http" | "rpc";
  /** Method and route (`GET /api/products/:id`), or service and RPC (`CatalogService/GetProduct`). */
  readonly name: string;
}

/**
 * `answers`; `silent`: not this time; `missing`: not for a second and a half or more, or never; `gone`: neither answers nor is listed any
 * more, as after a rollout.
 */
export type ShopProcessState = "answers" | "silent" | "missing" | "gone";

export interface ShopProcess {
  /** Of one run of one process; for a place where nothing was ever heard, the place. */
  readonly id: string;
  /** host:port, or `here` for the process that asks. */
  readonly place: string;
  readonly state: ShopProcessState;
  /** For how long it has not answered, in milliseconds; 0 while it does. */
  readonly silentForMs: number;
  /** How often it was seen to begin anew in the last ten minutes. */
  readonly restarts: number;
  readonly services: readonly string[];
  /** What it told last; undefined where nothing was ever heard. */
  readonly told: ToldProcess | undefined;
}

export interface ToldProcess {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Unix time. */
  readonly startedMs: number;
  readonly vitals: Vitals;
}

export interface Vitals {
  /** Part of one processor since it was asked before, 1 for a whole one. */
  readonly cpuShare: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly heapMaxBytes: number;
  /** Delay of the event loop that 99 of 100 turns stayed below. */
  readonly loopP99Ms: number;
  readonly pools: readonly { service: string; used: number; idle: number; max: number; waiting: number }[];
  /** HTTP requests: how many are under way, how many may be, how many are refused for want of room. */
  readonly rooms: readonly { service: string; underWay: number; limit: number; shedPerSecond: number }[];
}

export interface ShopEdge extends Figures {
  readonly from: string;
  readonly to: string;
  /** Why the shop's list says that it is opened; empty for a way that the list does not know. */
  readonly purposes: readonly string[];
  readonly retriesPerSecond: number;
  /** The worst of all replicas. */
  readonly breaker: "closed" | "half-open" | "open";
}

/** Asks every process at once. Answers within two seconds, whichever of them hang; those who ask at the same moment share a look. */
export async function readShop(
  ctx: Pick<AdminContext, "processes" | "clock"> & { readonly config: LinkConfig },
): Promise<ShopReport> {
  const [plan, seen] = await Promise.all([shopPlan(), ctx.processes.look()]);
  return { atMs: ctx.clock.now().getTime(), ...mergeShop(plan, seen), links: opsLinks(ctx.config) };
}
