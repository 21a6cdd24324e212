import { openDatabase, type Database } from "#platform/database/db.ts";
import {
  listTasks,
  listTaskStates,
  retryTasks,
  type ListedTask,
  type TaskState,
} from "#platform/database/tasks-store.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";
import { unknownWord } from "./usage-error.ts";

const linesMax = 50;
/** `tasks list`: how the waiting work stands and what is dead; of one name, what waits too. Safe beside a running shop. */
export async function listAll(context: CommandContext): Promise<void> {
  const found: Listed[] = [];
  await withDatabases(context, async (service, db, filter) => {
    found.push(await list(service, db, filter));
  });
  if (context.options["json"]) return context.print(JSON.stringify({ services: found }, undefined, 2));
  const lines = found.flatMap(linesOf);
  for (const line of lines.length > 0 ? lines : ["Nothing waits."]) context.print(line);
}

/** `tasks retry`: makes what is dead due again. Safe beside a running shop. */
export async function retryAll(context: CommandContext): Promise<void> {
  let total = 0;
  await withDatabases(context, async (service, db, filter) => {
    const count = await retryTasks(db, filter);
    if (count > 0) context.print(`${service}: ${count} due again.`);
    total += count;
  });
  if (total === 0) context.print("Nothing was given up.");
}

/** Opens the database of this service, or one after the other all there are, for as long as `work` takes. */
async function withDatabases(
  { args, shop, environment, note, stop }: CommandContext,
  work: (service: string, db: Database, filter: Filter) => Promise<void>,
): Promise<void> {
  const [service, name = null, key = null] = args;
  const all = (await loadServices(shop)).filter(({ database }) => database !== undefined);
  const kept = all.filter((one) => service === undefined || one.name === service);
  if (service !== undefined && kept.length === 0) {
    const names = all.map((one) => one.name);
    throw unknownWord(`There is no service "${service}" with a database.`, service, names);
  }
  const config = readConfig(PlatformConfig, { LOG_FORMAT: "pretty", LOG_LEVEL: "warn", ...environment });
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const server = await openDatabases({
    config,
    environment,
    print: note,
    stop,
    mayJoin: true,
    mustExist: true,
  });
  try {
    for (const definition of kept) {
      const url = await server.home(definition);
      const pool = `tasks-${definition.name}`;
      const db = openDatabase({ url, name: pool, connectionsMax: 1, clock: systemClock, log });
      try {
        await work(definition.name, db, { name, key });
      } finally {
        await db.close();
      }
    }
  } finally {
    await server.stop();
  }
}

interface Filter {
  readonly name: string | null;
  readonly key: string | null;
}

interface Listed {
  readonly service: string;
  readonly states: readonly TaskState[];
  readonly tasks: readonly ListedTask[];
  readonly hasMore: boolean;
}

async function list(service: string, db: Database, filter: Filter): Promise<Listed> {
  const states = await listTaskStates(db);
  const found = await listTasks(db, "dead", filter, linesMax + 1);
  if (filter.name !== null) found.push(...(await listTasks(db, "waiting", filter, linesMax + 1)));
  return {
    service,
    states: states.filter(({ name }) => filter.name === null || filter.name === name),
    tasks: found.slice(0, linesMax),
    hasMore: found.length > linesMax,
  };
}

function linesOf({ service, states, tasks, hasMore }: Listed): string[] {
  return [
    ...states.map(({ name, due, dead, oldestSeconds }) => {
      const oldest = oldestSeconds > 0 ? `, the oldest has waited ${Math.round(oldestSeconds)} s` : "";
      return `${service} ${name}: ${due} due, ${dead} dead${oldest}`;
    }),
    ...tasks.map((task) => lineOf(service, task)),
    ...(hasMore ? ["  and more"] : []),
  ];
}

function lineOf(service: string, { name, key, status, attempts, createdAt, lastError }: ListedTask): string {
  const said = lastError === null ? "" : `: ${lastError}`;
  return `  ${status}  ${service} ${name} ${key}  since ${createdAt.toISOString()}, ${attempts} tries${said}`;
}
