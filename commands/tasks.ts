import type { Database } from "#platform/database/db.ts";
import {
  listTasks,
  listTaskStates,
  retryTasks,
  type ListedTask,
  type TaskState,
} from "#platform/database/tasks-store.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import type { CommandContext } from "./command.ts";
import { withExistingDatabases } from "./existing-databases.ts";
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
  context: CommandContext,
  work: (service: string, db: Database, filter: Filter) => Promise<void>,
): Promise<void> {
  const [service, task = null, key = null] = context.args;
  const all = (await loadServices(context.shop)).filter(({ database }) => database !== undefined);
  const kept = all.filter((one) => service === undefined || one.name === service);
  if (service !== undefined && kept.length === 0) {
    const names = all.map((one) => one.name);
    throw unknownWord(`There is no service "${service}" with a database.`, service, names);
  }
  await withExistingDatabases(context, { services: kept, purpose: "tasks" }, async (name, db) => {
    await work(name, db, { name: task, key });
  });
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
