// PostgreSQL: pools with every timeout set, statements prepared once, transactions that retry what PostgreSQL asks to retry.
import { createHash } from "node:crypto";
import pg from "pg";
import type { Clock } from "#platform/kit/clock.ts";
import { AppError, appError } from "#platform/kit/errors.ts";
import { randomFraction } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { poolConnections } from "#platform/telemetry/metrics.ts";
import { connectionOf } from "./connection.ts";
import { runInsideTransaction } from "./transaction-scope.ts";

/** Something that runs SQL: the database, or a transaction of it. Values are parameters, never text. */
export interface Queryable {
  /** All rows. */
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The first row, if there is one. */
  row<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row | undefined>;
  /** Runs it and tells how many rows it touched. */
  run(text: string, values?: readonly unknown[]): Promise<number>;
}

/** The inside of a transaction; a type of its own so that a store function can insist on one. */
export interface Tx extends Queryable {
  readonly isTransaction: true;
  /** Runs `callback` once the transaction has committed; never when it rolled back or runs again. */
  onCommit(callback: () => void): void;
}

export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction and commits. Serialization failures and deadlocks run the whole of `work` again, up to
   * three times; everything else rolls back and is thrown. No call to another service may be made inside.
   */
  inTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** True when the database answers within `timeoutMs`. */
  isReachable(timeoutMs: number): Promise<boolean>;
  /** When it last answered anything, as `clock.monotonicMs` tells it; undefined before its first answer. A refused statement is one. */
  answeredAtMs(): number | undefined;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Whose pool it is, in metrics and pg_stat_activity. */
  readonly name: string;
  readonly connectionsMax: number;
  /** PostgreSQL then refuses every change, whatever the role may do. */
  readonly isReadOnly?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** PostgreSQL's own limits are off by default; these hold on every connection. */
const sessionLimits =
  "-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=10000";

const readOnly = " -c default_transaction_read_only=on";

const acquireTimeoutMs = 8_000;
/** Longer than any statement may take: only a server that does not answer at all gets this far. */
const silenceMaxMs = 15_000;
const attemptsMax = 4;

// int8 as bigint, so that no amount loses digits; numeric and date stay text.
pg.types.setTypeParser(pg.types.builtins.INT8, BigInt);
const int8List = 1016 as typeof pg.types.builtins.INT8;
const parseTexts = pg.types.getTypeParser(int8List) as (text: string) => (string | null)[];
pg.types.setTypeParser(int8List, (text) =>
  parseTexts(text).map((item) => (item === null ? null : BigInt(item))),
);

/** Opens a pool. Connections are made when they are needed; a lost one is replaced, never fatal. */
export function openDatabase(options: DatabaseOptions): Database {
  const { name, log } = options;
  const pool = new pg.Pool({
    ...connectionOf(options.url, options.isReadOnly ? sessionLimits + readOnly : sessionLimits),
    max: options.connectionsMax,
    application_name: `stoa-${name}`,
    connectionTimeoutMillis: acquireTimeoutMs,
    query_timeout: silenceMaxMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  pool.on("error", (error) => {
    if (!pool.ending) log.warn({ err: error }, "An idle database connection was lost; it will be replaced.");
  });
  // The pool stops listening while a connection is in use, and an error nobody listens to would end the process. The statement
  // that was under way, or the next one, tells of the loss.
  pool.on("connect", (client) => client.on("error", () => undefined));
  pool.on("acquire", () => showPool(pool, name));
  pool.on("release", () => showPool(pool, name));
  let answeredAtMs: number | undefined;
  const noteAnswer = () => (answeredAtMs = options.clock.monotonicMs());
  const db = queryableOf(async (config) => await sendAlone(pool, config), noteAnswer);
  return {
    ...db,
    answeredAtMs: () => answeredAtMs,
    inTransaction: (work) => inTransaction({ pool, clock: options.clock, noteAnswer }, work),
    isReachable: async (timeoutMs) => {
      const probe = db.run("select 1").then(
        () => true,
        () => false,
      );
      return await Promise.race([probe, options.clock.sleep(timeoutMs).then(() => false)]);
    },
    close: () => pool.end(),
  };
}

/** One statement by itself. A refused statement leaves its connection in the pool, which `pool.query` would close. */
async function sendAlone(pool: pg.Pool, config: pg.QueryConfig): Promise<pg.QueryResult> {
  const client = await acquire(pool);
  let broken: Error | undefined;
  try {
    return await client.query(config);
  } catch (error) {
    broken = brokenConnection(error);
    throw error;
  } finally {
    client.release(broken);
  }
}

interface Place {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly noteAnswer: () => void;
}

async function inTransaction<T>(place: Place, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptTransaction(place, work);
    } catch (error) {
      if (attempt >= attemptsMax || !isRetryable(error)) throw error;
      await place.clock.sleep(attempt * 10 * (0.5 + randomFraction()));
    }
  }
}

async function attemptTransaction<T>({ pool, noteAnswer }: Place, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await acquire(pool);
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const followers: (() => void)[] = [];
    const onCommit = (callback: () => void) => void followers.push(callback);
    const own = queryableOf((config) => client.query(config), noteAnswer);
    const tx: Tx = { ...own, isTransaction: true, onCommit };
    const result = await runInsideTransaction(() => work(tx));
    const { command } = await client.query("commit");
    if (command !== "COMMIT") throw new Error(swallowed);
    for (const follow of followers) follow();
    return result;
  } catch (error) {
    broken = brokenConnection(error instanceof AppError ? error.cause : error);
    if (!broken) await client.query("rollback").catch((failure: unknown) => (broken = asError(failure)));
    throw translated(error);
  } finally {
    client.release(broken);
  }
}

const swallowed =
  "The transaction was rolled back although it ended without an error: a statement in it failed, and its error was caught. Let the error leave the transaction.";

async function acquire(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw translated(error);
  }
}

type Send = (config: pg.QueryConfig) => Promise<pg.QueryResult>;

function queryableOf(send: Send, noteAnswer: () => void): Queryable {
  const query = async (text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> => {
    try {
      const result = await send({ name: statementName(text), text, values: [...values] });
      noteAnswer();
      return result;
    } catch (error) {
      if (error instanceof pg.DatabaseError && !brokenConnection(error)) noteAnswer();
      throw translated(error);
    }
  };
  return {
    rows: async (text, values) => (await query(text, values)).rows as never,
    row: async (text, values) => (await query(text, values)).rows[0] as never,
    run: async (text, values) => (await query(text, values)).rowCount ?? 0,
  };
}

const statementNames = new Map<string, string>();

/** The same text is prepared once on each connection. */
function statementName(text: string): string {
  const known = statementNames.get(text);
  if (known) return known;
  const name = createHash("sha1").update(text).digest("base64url").slice(0, 20);
  if (statementNames.size < 5_000) statementNames.set(text, name);
  return name;
}

/** The SQLSTATE of a PostgreSQL error, such as "23505" for a unique violation. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** The name of the constraint a statement broke. */
export function brokenConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined;
}

function isRetryable(error: unknown): boolean {
  const state = sqlState(error) ?? sqlState(error instanceof Error ? error.cause : undefined);
  return state === "40001" || state === "40P01";
}

/** SQLSTATE classes and codes that say the server is away or overloaded, not that the statement is wrong. */
const unavailableStates = /^(08|57P|53|55P03|57014|25P0[34])/;

/** Losing the database is `unavailable`, whatever the driver calls it; other errors pass through. */
function translated(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const state = sqlState(error);
  const lost = state === undefined ? isConnectionFailure(error) : unavailableStates.test(state);
  if (!lost) return error;
  const publicMessage = "The shop's memory cannot be reached right now. Try again in a moment.";
  return appError("unavailable", "DATABASE_UNAVAILABLE", {
    publicMessage,
    retryAfterSeconds: 1,
    cause: error,
  });
}

function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/.test(code) ||
    /connection|timeout exceeded|read timeout|pool after calling end/i.test(error.message)
  );
}

/** The error, when after it the connection can serve nobody else; a plain refusal of a statement is none. */
function brokenConnection(error: unknown): Error | undefined {
  if (error instanceof pg.DatabaseError) return error.severity === "FATAL" ? error : undefined;
  return isConnectionFailure(error) ? asError(error) : undefined;
}

function showPool(pool: pg.Pool, service: string): void {
  poolConnections.set({ service, state: "idle" }, pool.idleCount);
  poolConnections.set({ service, state: "busy" }, pool.totalCount - pool.idleCount);
  poolConnections.set({ service, state: "waiting" }, pool.waitingCount);
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
