// How much of everything a shop needs for so many orders an hour, and what gives way first when more come than it was made for.
import {
  bytesPerOrder,
  commitMs,
  commitsPerOrder,
  costs,
  fullMax,
  oneProcessShare,
  prices,
  trade,
  wayOfARequest,
  wayOfAnOrder,
} from "./costs.ts";
import { simulate, type Flow, type Played, type Station } from "./simulation.ts";

export interface Trade {
  readonly requestsPerOrder: number;
  readonly peak: number;
}

export interface Plan {
  readonly ordersPerHour: number;
  readonly requestsPerSecond: number;
  readonly ordersPerSecond: number;
  readonly isOneProcess: boolean;
  /** Processors of each station at the peak; a pod of a service is one event loop and so one processor. */
  readonly stations: readonly Station[];
  readonly pods: number;
  readonly nodes: number;
  readonly databaseProcessors: number;
  readonly connections: number;
  readonly commitsPerSecond: number;
  readonly diskGibPerYear: number;
  readonly dollarsPerMonth: number;
}

/** From here on one process is one event loop too few. */
const oneProcessMax = 0.6;
const spare = 2;
/** Each pod of a service with a database has so many connections at most (DATABASE_POOL_MAX). */
const poolMax = 10;
const withoutDatabase = new Set(["storefront", "gateway", "postgres"]);

export function planFor(ordersPerHour: number, { requestsPerOrder, peak }: Trade = trade): Plan {
  const ordersPerSecond = (ordersPerHour / 3_600) * peak;
  const requestsPerSecond = ordersPerSecond * requestsPerOrder;
  const demand = (station: string) => {
    const { perRequest = 0, perOrder = 0 } = costs[station] ?? {};
    return (requestsPerSecond * perRequest + ordersPerSecond * perOrder) / 1_000;
  };
  const names = Object.keys(costs).filter((name) => name !== "postgres");
  const together = names.reduce((sum, name) => sum + demand(name), 0) * oneProcessShare;
  const isOneProcess = together <= oneProcessMax;
  const ofServices = isOneProcess
    ? [{ name: "shop", servers: 1 }]
    : names.map((name) => ({ name, servers: Math.max(spare, Math.ceil(demand(name) / fullMax)) }));
  const databaseProcessors = Math.max(isOneProcess ? 1 : 2, Math.ceil(demand("postgres") / fullMax));
  const pods = ofServices.reduce((sum, { servers }) => sum + servers, 0);
  const processors = isOneProcess
    ? 2
    : names.reduce((sum, name) => sum + demand(name), 0) / fullMax + pods * 0.02;
  const nodes = isOneProcess ? 1 : Math.max(3, Math.ceil(processors / (prices.node.processors * 0.9)) + 1);
  const pools = isOneProcess
    ? names.filter((name) => !withoutDatabase.has(name)).length
    : ofServices
        .filter(({ name }) => !withoutDatabase.has(name))
        .reduce((sum, { servers }) => sum + servers, 0);
  const diskGibPerYear = (ordersPerHour * 24 * 365 * bytesPerOrder) / 1024 ** 3;
  const database = isOneProcess ? 0 : 2 * databaseProcessors * prices.databaseProcessor;
  return {
    ordersPerHour,
    requestsPerSecond,
    ordersPerSecond,
    isOneProcess,
    stations: [...ofServices, { name: "postgres", servers: databaseProcessors }],
    pods,
    nodes,
    databaseProcessors,
    connections: pools * poolMax,
    commitsPerSecond: ordersPerSecond * commitsPerOrder,
    diskGibPerYear,
    dollarsPerMonth: nodes * prices.node.dollars + database + diskGibPerYear * prices.diskGib,
  };
}

/** Plays what a plan was made for, `times` over. */
export function playPlan(plan: Plan, times: number, seed: number): Played {
  const requests = plan.requestsPerSecond * times;
  // Enough of both for a quantile, and few enough for a few seconds.
  const seconds = Math.min(2_000, Math.max(2, 20_000 / requests));
  return simulate(plan.stations, flowsOf(plan, times), { seconds, seed });
}

function flowsOf(plan: Plan, times: number): Flow[] {
  const steps = (way: readonly string[], cost: "perRequest" | "perOrder") =>
    plan.isOneProcess
      ? oneProcess(way, cost)
      : way.map((station) => ({ station, ms: costs[station]?.[cost] ?? 0 }));
  return [
    {
      name: "request",
      perSecond: plan.requestsPerSecond * times,
      steps: steps(wayOfARequest, "perRequest"),
      extraMs: 0,
    },
    {
      name: "order",
      perSecond: plan.ordersPerSecond * times,
      steps: steps(wayOfAnOrder, "perOrder"),
      extraMs: commitsPerOrder * commitMs,
    },
  ];
}

function oneProcess(way: readonly string[], cost: "perRequest" | "perOrder") {
  const ms = way
    .filter((station) => station !== "postgres")
    .reduce((sum, station) => sum + (costs[station]?.[cost] ?? 0), 0);
  return [
    { station: "shop", ms: ms * oneProcessShare },
    { station: "postgres", ms: costs["postgres"]?.[cost] ?? 0 },
  ];
}

export interface Break {
  /** So many times what the plan was made for. */
  readonly times: number;
  readonly station: string;
  readonly p95: number;
}

const p95Max = 200;

/** Adds load until requests miss their 200 ms at the 95th percentile, and names what was fullest then. */
export function firstToBreak(plan: Plan, seed: number): Break {
  for (let times = 1; ; times *= 1.1) {
    const { p95, busy } = playPlan(plan, times, seed);
    const slow = p95.get("request") ?? 0;
    if (slow <= p95Max) continue;
    const [station = ""] = [...busy].toSorted(([, a], [, b]) => b - a)[0] ?? [];
    return { times, station, p95: slow };
  }
}
