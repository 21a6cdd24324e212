// What a database session is told at its beginning, where the session is ours and where a pooler such as PgBouncer gives each transaction another one.
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { connectionOf } from "./connection.ts";

/** One setting, as `set_config` takes it. */
export interface SessionSetting {
  readonly name: string;
  readonly value: string;
}

/**
 * The settings in `-c name=value` and `--name=value`, as PostgreSQL reads the `options` of a connection: parts end at a space, and a
 * backslash stands before a space or backslash that is meant. Throws a StartError for anything else, because no pooler hands
 * them on, and each must be said in words of ours.
 */
export function settingsOf(options: string): SessionSetting[] {
  const words = (options.match(/(?:\\.|[^\s\\])+/g) ?? []).map((word) => word.replaceAll(/\\(.)/g, "$1"));
  const settings: SessionSetting[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const said = word === "-c" ? words[(index += 1)] : /^(?:-c|--)(.+)$/s.exec(word)?.[1];
    const [, name, value] = /^([a-z_][\w.-]*)=(.*)$/is.exec(said ?? "") ?? [];
    if (name === undefined || value === undefined)
      throw new StartError(
        `The options of a database URL may say -c name=value only, and "${word}" is not that.`,
      );
    settings.push({ name: name.replaceAll("-", "_").toLowerCase(), value });
  }
  return settings;
}

/** What opens a transaction that has the settings for itself, in one round trip. */
export function beginWith(settings: readonly SessionSetting[]): string {
  return ["begin", ...settings.map(localText)].join("; ");
}

/** A list of schemas is a list of names, every other value one text; and what counts for later transactions must count for this one. */
function localText({ name, value }: SessionSetting): string {
  const schemas = () =>
    value.split(",").map((schema) => pg.escapeIdentifier(schema.trim().replace(/^"(.*)"$/, "$1")));
  const own = name === "default_transaction_read_only" ? "transaction_read_only" : name;
  return `set local ${own} = ${name === "search_path" ? schemas().join(", ") : pg.escapeLiteral(value)}`;
}

/**
 * Makes the settings those of the session, if it is our own, and tells whether it is: a pooler answers under the number of a process that
 * is not the one behind it, and what is set there would stay for others. In one statement, because what is set locally outside a
 * transaction is set for nobody.
 */
export async function greet(client: pg.ClientBase, settings: readonly SessionSetting[]): Promise<boolean> {
  const { processID } = client as unknown as { processID: number };
  const set = settings.map(
    (_, index) => `, set_config($${2 * index + 2}, $${2 * index + 3}, pg_backend_pid() <> $1)`,
  );
  const values = [processID, ...settings.flatMap(({ name, value }) => [name, value])];
  const text = `select pg_backend_pid() = $1 as "isOwn"${set.join("")}`;
  const { rows } = await client.query<{ isOwn: boolean }>(text, values);
  return rows[0]?.isOwn === true;
}

/** A connection of its own, for work at the start. */
export interface Session {
  readonly client: pg.Client;
  /** False behind a pooler: then nothing outlives a transaction. */
  readonly isOwn: boolean;
  /** What the URL's options say. */
  readonly settings: readonly SessionSetting[];
  /** What opens a transaction that has the settings. */
  readonly begin: string;
}

/** Connects; rejects with what the driver says. */
export async function openSession(url: string, name: string): Promise<Session> {
  const { options = "", ...connection } = connectionOf(url);
  const settings = settingsOf(options);
  const client = new pg.Client({
    ...connection,
    application_name: `stoa-${name}`,
    connectionTimeoutMillis: 10_000,
  });
  // The statement under way tells of a lost connection; without a listener it would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const isOwn = await greet(client, settings);
    return { client, isOwn, settings, begin: isOwn ? "begin" : beginWith(settings) };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/**
 * Holds a lock for `work`, alone among all programs that ask for it; others wait. The lock is a transaction's, on a connection apart, because
 * behind a pooler no session is ours.
 */
export async function holdingLock<T>(
  { url, lock, isAsked = false }: Lock,
  work: () => Promise<T>,
): Promise<T> {
  const { client } = await openSession(url, "lock");
  try {
    while (!(await takeLock(client, lock, isAsked))) await systemClock.sleep(50);
    return await work();
  } finally {
    await client.query("rollback").catch(() => undefined);
    await client.end().catch(() => undefined);
  }
}

export interface Lock {
  readonly url: string;
  /** Its number, as SQL. */
  readonly lock: string;
  /** Whoever waits inside PostgreSQL is waited for by an index that is made concurrently, and neither would ever end: here one asks again. */
  readonly isAsked?: boolean;
}

async function takeLock(client: pg.Client, lock: string, isAsked: boolean): Promise<boolean> {
  await client.query("begin; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = 0");
  if (!isAsked) {
    await client.query(`select pg_advisory_xact_lock(${lock})`);
    return true;
  }
  const { rows } = await client.query<{ isOurs: boolean }>(
    `select pg_try_advisory_xact_lock(${lock}) as "isOurs"`,
  );
  if (rows[0]?.isOurs === true) return true;
  await client.query("rollback");
  return false;
}
