// Waiting work in tests: tried now, instead of when its time has come.
import type { Database } from "#platform/database/db.ts";
import { deliveryTo } from "#platform/database/outbox-store.ts";
import { runTasks } from "#platform/database/task-runner.ts";
import { Tasks, type TaskDefinition } from "#platform/database/tasks.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { eventually } from "./test-clock.ts";

/** Brings forward everything of this name that waits. */
export async function makeDue(db: Database, name: string): Promise<void> {
  await db.run("update tasks set next_attempt_at = now() where name = $1 and owner is null", [name]);
}

/** Tries what is due, as a process of the service would, until nothing is due or in hand any more. */
export async function workOff(db: Database, definitions: readonly TaskDefinition[]): Promise<void> {
  const stop = new AbortController();
  const tasks = new Tasks("test");
  tasks.declare(definitions);
  const options = { service: "test", db, clock: systemClock, log: silentLog, tasks };
  const running = runTasks(definitions, options, stop.signal);
  const names = definitions.map(({ name }) => name);
  await eventually("nothing is due any more", async () => {
    const open = await db.row(
      `select 1 from tasks where name = any($1) and done_at is null and dead_at is null
         and (owner is not null or next_attempt_at <= now()) limit 1`,
      [names],
    );
    return open === undefined;
  });
  stop.abort();
  await running;
}

/** Topics of an aggregate that wait to be delivered to a listener, in their order. */
export async function listToldTopics(db: Database, listener: string, aggregateId: string): Promise<string[]> {
  const rows = await db.rows<{ topic: string }>(
    "select payload ->> 'topic' as topic from tasks where name = $1 and lane = $2 order by sequence",
    [deliveryTo(listener), aggregateId],
  );
  return rows.map(({ topic }) => topic);
}
