// What waits, what was given up and what is under way in every service with a database.
import { appError } from "#platform/kit/errors.ts";
import type { AdminContext } from "../context.ts";
import { shopPlan } from "#platform/operations/shop-plan.ts";

type Asking = Pick<AdminContext, "processes">;

export interface DeadTask {
  readonly service: string;
  readonly name: string;
  readonly key: string;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly lastError: string;
}

export interface TaskState {
  readonly service: string;
  readonly name: string;
  readonly due: number;
  readonly dead: number;
  readonly oldestSeconds: number;
}

export interface ShopTasks {
  readonly states: readonly TaskState[];
  /** Oldest first, at most a hundred of each service. */
  readonly dead: readonly DeadTask[];
  /** Services that did not answer. */
  readonly silent: readonly string[];
}

/** Which dead work: of one name, all of it or one by its key. */
export interface ChosenTasks {
  readonly service: string;
  readonly name: string;
  readonly key?: string | undefined;
}

/** Who decides, and why. */
export interface Decision {
  readonly actorUserId: string;
  readonly reason?: string | undefined;
}

export interface CheckoutsUnderWay {
  /** Oldest first, at most a hundred. */
  readonly items: readonly {
    readonly id: string;
    readonly status: string;
    readonly step: string;
    readonly ageSeconds: number;
    readonly owner: string;
    readonly heldSeconds: number;
  }[];
  readonly states: readonly {
    readonly status: string;
    readonly count: number;
    readonly oldestSeconds: number;
  }[];
}

const askMs = 1_000;
const listMax = 100;

export async function readTasks({ processes }: Asking): Promise<ShopTasks> {
  const names = await storesOf();
  const told = await Promise.all(
    names.map(async (service) => {
      const client = await processes.operationsOf(service);
      const answer = await client?.listTasks({ limit: listMax }, { timeoutMs: askMs }).catch(() => undefined);
      return { service, answer };
    }),
  );
  return {
    states: told.flatMap(({ service, answer }) =>
      (answer?.states ?? []).map(({ name, due, dead, oldestSeconds }) => {
        return { service, name, due, dead, oldestSeconds };
      }),
    ),
    dead: told.flatMap(({ service, answer }) =>
      (answer?.tasks ?? []).map(({ name, key, attempts, createdAt, lastError }) => {
        return { service, name, key, attempts, createdAtMs: millisOf(createdAt), lastError };
      }),
    ),
    silent: told.filter(({ answer }) => !answer).map(({ service }) => service),
  };
}

/** Makes dead work due again; tells how much. Throws what the service refuses with, or `unavailable`. */
export async function retryTasks(asking: Asking, chosen: ChosenTasks, decision: Decision): Promise<number> {
  const client = await requireOperations(asking, chosen.service);
  return (await client.retryTasks(requestOf(chosen, decision))).count;
}

/** Gives dead work up for good; tells how much. Throws as `retryTasks` does. */
export async function discardTasks(asking: Asking, chosen: ChosenTasks, decision: Decision): Promise<number> {
  const client = await requireOperations(asking, chosen.service);
  return (await client.discardTasks(requestOf(chosen, decision))).count;
}

/** Undefined where the checkout service does not answer. */
export async function readCheckouts({ processes }: Asking): Promise<CheckoutsUnderWay | undefined> {
  const client = await processes.operationsOf("checkout");
  return await client?.listUnderWay({ limit: listMax }, { timeoutMs: askMs }).catch(() => undefined);
}

async function storesOf(): Promise<string[]> {
  const { services } = await shopPlan();
  return services.filter(({ hasDatabase }) => hasDatabase).map(({ name }) => name);
}

async function requireOperations({ processes }: Asking, service: string) {
  const client = await processes.operationsOf(service);
  if (client) return client;
  throw appError("unavailable", "NEIGHBOUR_UNAVAILABLE", {
    publicMessage: `The ${service} service does not answer, so nothing was changed. Try again in a moment.`,
  });
}

function requestOf({ name, key = "" }: ChosenTasks, { actorUserId, reason = "" }: Decision) {
  return { name, key, actorUserId, reason };
}

function millisOf(at: { readonly seconds: bigint; readonly nanos: number } | undefined): number {
  return at ? Number(at.seconds) * 1000 + at.nanos / 1e6 : 0;
}
