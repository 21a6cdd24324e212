// What many processes told, as one shop: services over their replicas, figures added up, and every way between two of them.
import type { ProcessReport, SeenProcess } from "#platform/operations/processes.ts";
import { addTallies, emptyTally, quantileMs, windowMs, type Tally } from "#platform/operations/series.ts";
import type { ShopPlan } from "#platform/operations/shop-plan.ts";
import type {
  Figures,
  ShopEdge,
  ShopEntrance,
  ShopProcess,
  ShopProcessState,
  ShopService,
  ShopServiceStatus,
} from "./shop-report.ts";

/** Of each service; there may be three hundred, and nobody reads them. */
const entrancesMax = 20;
/** Silent for so long, a process is missing: two looks in a row of a page that asks every second or two. */
const missingAfterMs = 1_500;

type Told = SeenProcess & { readonly report: ProcessReport };

export interface MergedShop {
  readonly services: readonly ShopService[];
  readonly processes: readonly ShopProcess[];
  readonly edges: readonly ShopEdge[];
  readonly faults: readonly string[];
}

export function mergeShop(plan: ShopPlan, seen: readonly SeenProcess[]): MergedShop {
  const answering = seen.filter((one): one is Told => one.silentForMs === 0 && one.report !== undefined);
  const processes = seen.map(processOf);
  const entrances = entrancesOf(answering);
  const planned = plan.services.map(({ name }) => name);
  const others = new Set(seen.flatMap((one) => servicesOf(one)));
  const names = [...planned, ...[...others].filter((name) => !planned.includes(name))];
  return {
    services: names.map((name) => serviceOf({ name, plan, seen, processes, entrances })),
    processes,
    edges: edgesOf(plan, answering),
    faults: [...new Set(answering.flatMap(({ report }) => report.faults))],
  };
}

function processOf(seen: SeenProcess): ShopProcess {
  const { address, report, silentForMs, restarts } = seen;
  return {
    id: report?.process?.id ?? address,
    place: address,
    state: stateOf(seen),
    silentForMs,
    restarts,
    services: servicesOf(seen),
    told: report && toldOf(report),
  };
}

function stateOf({ silentForMs, isListed, report }: SeenProcess): ShopProcessState {
  if (silentForMs === 0 && report) return "answers";
  if (!isListed) return "gone";
  return silentForMs >= missingAfterMs || !report ? "missing" : "silent";
}

/** Until it has told, a process is what is expected at its place. */
function servicesOf({ place, report }: SeenProcess): string[] {
  if (report) return report.services.map(({ service }) => service);
  return place === "here" ? [] : [place];
}

function toldOf({ process, vitals }: ProcessReport): ShopProcess["told"] {
  if (!process || !vitals) return undefined;
  const { host, pid, version, startedMs } = process;
  return { host, pid, version, startedMs, vitals };
}

interface Merging {
  readonly name: string;
  readonly plan: ShopPlan;
  readonly seen: readonly SeenProcess[];
  readonly processes: readonly ShopProcess[];
  readonly entrances: ReadonlyMap<string, ReadonlyMap<string, MergedEntrance>>;
}

function serviceOf({ name, plan, seen, processes, entrances }: Merging): ShopService {
  const own = processes.filter(({ services }) => services.includes(name));
  const answering = own.filter(({ state }) => state === "answers").length;
  const silent = own.filter(({ state }) => state === "silent" || state === "missing").length;
  const states = seen.flatMap(({ silentForMs, report }) =>
    silentForMs > 0 || !report ? [] : report.services.filter(({ service }) => service === name),
  );
  const lacks = new Set(states.flatMap((state) => state.lacks));
  if (silent > 0)
    lacks.add(
      silent === 1 ? "One process of it does not answer." : `${silent} processes of it do not answer.`,
    );
  const rows = [...(entrances.get(name)?.values() ?? [])];
  const planned = plan.services.find((one) => one.name === name);
  return {
    name,
    isEdge: planned?.isEdge ?? false,
    hasDatabase: planned?.hasDatabase ?? false,
    status: statusOf(states, answering, silent),
    lacks: [...lacks],
    answering,
    silent,
    traffic: figuresOf(rows.reduce<Tally>((sum, { tally }) => addTallies(sum, tally), emptyTally)),
    entrances: rows
      .map(({ kind, name: entrance, tally }): ShopEntrance => ({ kind, name: entrance, ...figuresOf(tally) }))
      .sort((a, b) => b.errorsPerSecond - a.errorsPerSecond || (b.p95Ms ?? 0) - (a.p95Ms ?? 0))
      .slice(0, entrancesMax),
  };
}

function statusOf(
  states: readonly { status: string }[],
  answering: number,
  silent: number,
): ShopServiceStatus {
  if (answering === 0) return silent > 0 ? "missing" : "outside";
  if (states.every(({ status }) => status === "down")) return "down";
  return silent > 0 || states.some(({ status }) => status !== "up") ? "degraded" : "up";
}

interface MergedEntrance {
  readonly kind: "http" | "rpc";
  readonly name: string;
  readonly tally: Tally;
}

function entrancesOf(answering: readonly Told[]): Map<string, Map<string, MergedEntrance>> {
  const merged = new Map<string, Map<string, MergedEntrance>>();
  for (const { report } of answering) {
    for (const { service: told, kind: said, name: whole, counts = emptyTally } of report.entrances) {
      const kind = said === "http" ? "http" : "rpc";
      const service = told === "shop" ? pageOwner(whole) : told;
      const name = kind === "rpc" ? shortName(whole) : whole;
      const rows = merged.get(service) ?? new Map<string, MergedEntrance>();
      const tally = addTallies(rows.get(name)?.tally ?? emptyTally, counts);
      merged.set(service, rows.set(name, { kind, name, tally }));
    }
  }
  return merged;
}

/** Where edges share one listener, the path tells whose a request was. */
function pageOwner(entrance: string): string {
  const path = entrance.slice(entrance.indexOf(" ") + 1);
  if (/^\/admin(\/|$)/.test(path)) return "admin";
  return /^\/(api|docs|openapi)/.test(path) ? "gateway" : "storefront";
}

/** `CatalogService/GetProduct` of `stoa.catalog.v1.CatalogService/GetProduct`. */
function shortName(rpc: string): string {
  const slash = rpc.indexOf("/");
  return rpc.slice(rpc.lastIndexOf(".", slash) + 1);
}

const severity = { closed: 0, "half-open": 1, open: 2 } as const;

function edgesOf(plan: ShopPlan, answering: readonly Told[]): ShopEdge[] {
  const keyOf = (from: string, to: string) => `${from} ${to}`;
  const tallies = new Map<string, Tally>();
  const breakers = new Map<string, ShopEdge["breaker"]>();
  const ways = new Map<string, { from: string; to: string; purposes: readonly string[] }>();
  for (const { name: from, connections } of plan.services)
    for (const { to, for: purposes } of connections) ways.set(keyOf(from, to), { from, to, purposes });
  const note = (from: string, to: string) => {
    const key = keyOf(from, to);
    if (!ways.has(key)) ways.set(key, { from, to, purposes: [] });
    return key;
  };
  for (const { report } of answering) {
    for (const { from, to, counts = emptyTally } of report.edges) {
      // What a service asks of itself is no way between two.
      if (from === to) continue;
      const key = note(from, to);
      tallies.set(key, addTallies(tallies.get(key) ?? emptyTally, counts));
    }
    for (const { from, to, state } of report.breakers) {
      const said = state === "open" || state === "half-open" ? state : "closed";
      const key = note(from, to);
      if (severity[said] >= severity[breakers.get(key) ?? "closed"]) breakers.set(key, said);
    }
  }
  return [...ways].map(([key, way]) => {
    const tally = tallies.get(key) ?? emptyTally;
    const breaker = breakers.get(key) ?? "closed";
    return { ...way, ...figuresOf(tally), retriesPerSecond: perSecond(tally.retries), breaker };
  });
}

const perSecond = (count: number) => (count * 1000) / windowMs;

function figuresOf(tally: Tally): Figures {
  return {
    perSecond: perSecond(tally.count),
    errorsPerSecond: perSecond(tally.errors),
    p95Ms: quantileMs(tally, 0.95),
  };
}
