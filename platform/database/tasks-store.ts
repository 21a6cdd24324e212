import type { Queryable } from "./db.ts";

export interface TaskRow {
  readonly name: string;
  readonly key: string;
  readonly payload: unknown;
  readonly traceparent: string | null;
  /** With the one that is being made. */
  readonly attempts: number;
}

export interface NewTaskRow {
  readonly name: string;
  readonly key: string;
  /** JSON text. */
  readonly payload: string;
  readonly traceparent: string | null;
  readonly delaySeconds: number;
}

/** Writes a task unless there is one of this name and key; true if it did. */
export async function insertTask(db: Queryable, task: NewTaskRow): Promise<boolean> {
  const inserted = await db.run(
    `insert into tasks (name, key, payload, traceparent, next_attempt_at)
     values ($1, $2, $3, $4, now() + make_interval(secs => $5)) on conflict do nothing`,
    [task.name, task.key, task.payload, task.traceparent, task.delaySeconds],
  );
  return inserted === 1;
}

/** Writes a task for every row (key, payload) of a query that has none yet; tells how many. `text` is code, never input. */
export async function insertTasksOf(
  db: Queryable,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<number> {
  return await db.run(
    `insert into tasks (name, key, payload)
     select '${name}', found.key, found.payload from (${text}) as found (key, payload)
     where not exists (select 1 from tasks t where t.name = '${name}' and t.key = found.key)
     on conflict do nothing`,
    values,
  );
}

/** How many tasks of a name may be taken: of those that have hardly failed, or of those that have often. */
export interface Room {
  readonly name: string;
  readonly isSlow: boolean;
  readonly free: number;
}

/** Takes what is due, longest waiting first, for `leaseSeconds`; no two processes get the same. The try counts from here on. */
export async function claimTasks(
  db: Queryable,
  rooms: readonly Room[],
  owner: string,
  leaseSeconds: number,
): Promise<TaskRow[]> {
  return await db.rows<TaskRow>(
    `with wanted as (select * from unnest($1::text[], $2::boolean[], $3::integer[]) as w (name, is_slow, free)),
     picked as (
       select p.name, p.key from wanted w cross join lateral (
         select t.name, t.key from tasks t
         where t.name = w.name and (t.attempts >= 3) = w.is_slow and t.lane is null and t.done_at is null
           and t.dead_at is null and t.next_attempt_at <= now()
         order by t.next_attempt_at limit w.free for update skip locked) p)
     update tasks t set attempts = t.attempts + 1, owner = $4, next_attempt_at = now() + make_interval(secs => $5)
     from picked p where t.name = p.name and t.key = p.key
     returning t.name, t.key, t.payload, t.traceparent, t.attempts`,
    [
      rooms.map(({ name }) => name),
      rooms.map(({ isSlow }) => isSlow),
      rooms.map(({ free }) => free),
      owner,
      leaseSeconds,
    ],
  );
}

/** Keeps what is in hand away from others for another while. */
export async function renewTasks(
  db: Queryable,
  tasks: readonly { readonly name: string; readonly key: string }[],
  owner: string,
  leaseSeconds: number,
): Promise<void> {
  await db.run(
    `update tasks t set next_attempt_at = now() + make_interval(secs => $4)
     from unnest($1::text[], $2::text[]) as held (name, key)
     where t.name = held.name and t.key = held.key and t.owner = $3 and t.done_at is null and t.dead_at is null`,
    [tasks.map(({ name }) => name), tasks.map(({ key }) => key), owner, leaseSeconds],
  );
}

/** Notes that it is done, whoever did it. */
export async function completeTask(db: Queryable, name: string, key: string): Promise<void> {
  await db.run(
    `update tasks set done_at = now(), dead_at = null, owner = null, last_error = null
     where name = $1 and key = $2 and done_at is null`,
    [name, key],
  );
}

export interface Failure {
  readonly message: string;
  readonly delaySeconds: number;
  readonly isDead: boolean;
}

/** Notes a failed try that `owner` made; false when the task is no longer in its hand. */
export async function failTask(
  db: Queryable,
  { name, key }: { readonly name: string; readonly key: string },
  owner: string,
  failure: Failure,
): Promise<boolean> {
  const failed = await db.run(
    `update tasks set last_error = $4, next_attempt_at = now() + make_interval(secs => $5), owner = null,
       dead_at = case when $6 then now() end
     where name = $1 and key = $2 and owner = $3 and done_at is null`,
    [name, key, owner, failure.message.slice(0, 500), failure.delaySeconds, failure.isDead],
  );
  return failed === 1;
}

/** Gives a task back untried: the try does not count. */
export async function postponeTask(
  db: Queryable,
  { name, key }: { readonly name: string; readonly key: string },
  owner: string,
  delaySeconds: number,
): Promise<void> {
  await db.run(
    `update tasks set attempts = attempts - 1, owner = null, next_attempt_at = now() + make_interval(secs => $4)
     where name = $1 and key = $2 and owner = $3 and done_at is null`,
    [name, key, owner, delaySeconds],
  );
}

export interface TaskState {
  readonly name: string;
  readonly due: number;
  readonly dead: number;
  /** Age of the oldest that is neither done nor given up. */
  readonly oldestSeconds: number;
}

/** How the waiting work stands, by name; names without any are absent. Reads only what waits. */
export async function listTaskStates(db: Queryable): Promise<TaskState[]> {
  return await db.rows<TaskState>(
    `select name, sum(due)::int as due, sum(dead)::int as dead,
       coalesce(max(extract(epoch from now() - oldest)), 0)::float8 as "oldestSeconds"
     from (
       select name, count(*) filter (where next_attempt_at <= now()) as due, 0 as dead, min(created_at) as oldest
       from tasks where lane is null and done_at is null and dead_at is null group by name
       union all
       select name, count(*) filter (where next_attempt_at <= now()), 0, min(created_at)
       from tasks where lane is not null and dead_at is null group by name
       union all
       select name, 0, count(*), null from tasks where dead_at is not null group by name) parts
     group by name`,
  );
}

export type TaskStatus = "waiting" | "dead" | "done";

export interface ListedTask {
  readonly name: string;
  readonly key: string;
  readonly status: TaskStatus;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly nextAttemptAt: Date;
  readonly lastError: string | null;
}

export interface TaskFilter {
  readonly name: string | null;
  readonly key: string | null;
}

/** Tasks of one status, oldest first. What they carry is not shown: it may name people. */
export async function listTasks(
  db: Queryable,
  status: TaskStatus,
  { name, key }: TaskFilter,
  limit: number,
): Promise<ListedTask[]> {
  return await db.rows<ListedTask>(
    `select name, key, $1::text as status, attempts, created_at as "createdAt", next_attempt_at as "nextAttemptAt",
       last_error as "lastError"
     from tasks
     where case $1::text when 'dead' then dead_at is not null when 'done' then done_at is not null
         else dead_at is null and done_at is null end
       and ($2::text is null or name = $2) and ($3::text is null or key = $3)
     order by created_at, name, key limit $4`,
    [status, name, key, limit],
  );
}

/** Makes dead tasks due again with all their tries, and one that is named in full and waits due now; tells how many. */
export async function retryTasks(db: Queryable, { name, key }: TaskFilter): Promise<number> {
  return await db.run(
    `update tasks set dead_at = null, attempts = case when dead_at is null then attempts else 0 end, next_attempt_at = now()
     where ($1::text is null or name = $1) and ($2::text is null or key = $2) and done_at is null
       and (dead_at is not null or ($1::text is not null and $2::text is not null and owner is null))`,
    [name, key],
  );
}

/**
 * Gives dead tasks up for good; tells how many. They count as done, so that whatever makes them from rows finds them there; an event that
 * was not delivered is forgotten, and those behind it go on.
 */
export async function discardTasks(db: Queryable, { name, key }: TaskFilter): Promise<number> {
  return await db.run(
    `with picked as (
       select t.name, t.key, t.lane from tasks t
       where t.name = $1 and ($2::text is null or t.key = $2) and t.dead_at is not null for update),
     undelivered as (
       delete from tasks t using picked p where p.lane is not null and t.name = p.name and t.key = p.key returning 1),
     closed as (
       update tasks t set done_at = now(), dead_at = null, owner = null from picked p
       where p.lane is null and t.name = p.name and t.key = p.key returning 1)
     select 1 from undelivered union all select 1 from closed`,
    [name, key],
  );
}

/** Forgets what was done more than a day ago. */
export async function deleteDone(db: Queryable): Promise<void> {
  await db.run("delete from tasks where done_at < now() - interval '1 day'");
}
