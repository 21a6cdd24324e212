import { openDatabase, type Database } from "#platform/database/db.ts";
import { listTasks, listTaskStates, retryTasks, type ListedTask } from "#platform/database/tasks-store.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";

const linesMax = 50;
const usage = "Say: tasks list [service] [name] [key], or tasks retry [service] [name] [key].";

/** `tasks list`: how the waiting work stands and what is dead; of one name, what waits too. `tasks retry`: makes what is dead due again. Safe beside a running shop. */
export async function tasks(context: CommandContext): Promise<void> {
  const [verb, service, name = null, key = null, ...rest] = context.args;
  if ((verb !== "list" && verb !== "retry") || rest.length > 0) throw new StartError(usage);
  const act = verb === "list" ? list : retry;
  const lines: string[] = [];
  const print = (line: string) => {
    lines.push(line);
    context.print(line);
  };
  await withDatabases(context, service, async (one, db) => await act(one, db, { name, key }, print));
  if (lines.length === 0) context.print(verb === "list" ? "Nothing waits." : "Nothing was given up.");
}

/** Opens the database of this service, or one after the other all there are, for as long as `work` takes. */
async function withDatabases(
  { shop, environment, print }: CommandContext,
  service: string | undefined,
  work: (service: string, db: Database) => Promise<void>,
): Promise<void> {
  const definitions = await loadServices(shop, (name) => service === undefined || name === service);
  const kept = definitions.filter(({ database }) => database !== undefined);
  if (kept.length === 0) throw new StartError(`There is no service "${service}" with a database.`);
  const config = readConfig(PlatformConfig, { LOG_FORMAT: "pretty", LOG_LEVEL: "warn", ...environment });
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const server = await openDatabases({ config, environment, print, mayJoin: true });
  try {
    for (const definition of kept) {
      const { name } = definition;
      const url = await server.home(definition);
      const db = openDatabase({ url, name: `tasks-${name}`, connectionsMax: 1, clock: systemClock, log });
      try {
        await work(name, db);
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

async function list(
  service: string,
  db: Database,
  filter: Filter,
  print: (line: string) => void,
): Promise<void> {
  const states = await listTaskStates(db);
  for (const { name, due, dead, oldestSeconds } of states) {
    if (filter.name !== null && filter.name !== name) continue;
    const oldest = oldestSeconds > 0 ? `, the oldest has waited ${Math.round(oldestSeconds)} s` : "";
    print(`${service} ${name}: ${due} due, ${dead} dead${oldest}`);
  }
  const found = await listTasks(db, "dead", filter, linesMax + 1);
  if (filter.name !== null) found.push(...(await listTasks(db, "waiting", filter, linesMax + 1)));
  for (const task of found.slice(0, linesMax)) print(lineOf(service, task));
  if (found.length > linesMax) print("  and more");
}

function lineOf(service: string, { name, key, status, attempts, createdAt, lastError }: ListedTask): string {
  const said = lastError === null ? "" : `: ${lastError}`;
  return `  ${status}  ${service} ${name} ${key}  since ${createdAt.toISOString()}, ${attempts} tries${said}`;
}

async function retry(
  service: string,
  db: Database,
  filter: Filter,
  print: (line: string) => void,
): Promise<void> {
  const count = await retryTasks(db, filter);
  if (count > 0) print(`${service}: ${count} due again.`);
}
