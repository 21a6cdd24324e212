// PostgreSQL: statements one by one, and transactions that retry what PostgreSQL asks to retry.
import pg from "pg";
import type { Clock } from "#platform/kit/clock.ts";
import { AppError } from "#platform/kit/errors.ts";
import { randomFraction } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { brokenConnection, Pool, translated, type Lent } from "./pool.ts";
import { ReadReplica } from "./read-replica.ts";
import { statementOf } from "./statements.ts";
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
  /**
   * For lists, searches and details that people look at: reads that show everything committed before the call, from a replica where
   * there is one that is that far, and from here otherwise. While the primary is away they may be old, so nothing is decided on them that changes
   * anything.
   */
  reader(): Promise<Queryable>;
  /** Full sentences about its replica, and about a primary that is away while the replica answers. */
  lacks(): readonly string[];
  /** Asks whether `reader` answers although the primary is away; false without a replica. May take as long as a statement. */
  isReadAlone(): Promise<boolean>;
  /** True when the database answers within `timeoutMs`. */
  isReachable(timeoutMs: number): Promise<boolean>;
  /** When it last answered anything, as `clock.monotonicMs` tells it; undefined before its first answer. A refused statement is one. */
  answeredAtMs(): number | undefined;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** A replica of it that `reader` may read from. */
  readonly readUrl?: string | undefined;
  /** Whose pool it is, in metrics and pg_stat_activity. */
  readonly name: string;
  readonly connectionsMax: number;
  /** PostgreSQL then refuses every change, whatever the role may do. */
  readonly isReadOnly?: boolean | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const attemptsMax = 4;

/** Opens a pool. Connections are made when they are needed; a lost one is replaced, never fatal. */
export function openDatabase(options: DatabaseOptions): Database {
  const { clock, url: primaryUrl, readUrl: replicaUrl } = options;
  const pool = new Pool(options);
  const replica =
    replicaUrl === undefined ? undefined : new ReadReplica({ ...options, primaryUrl, replicaUrl });
  let answeredAtMs: number | undefined;
  const noteAnswer = () => (answeredAtMs = clock.monotonicMs());
  const db = queryableOf(async (text, values) => await pool.sendAlone(text, values), noteAnswer);
  return {
    ...db,
    answeredAtMs: () => answeredAtMs,
    inTransaction: (work) => inTransaction({ pool, clock, noteAnswer }, work),
    reader: async () => (replica ? await replica.reader(db) : db),
    lacks: () => replica?.lacks() ?? [],
    isReadAlone: async () => (await replica?.isAlone()) ?? false,
    isReachable: async (timeoutMs) => {
      const probe = db.run("select 1").then(
        () => true,
        () => false,
      );
      return await Promise.race([probe, clock.sleep(timeoutMs).then(() => false)]);
    },
    close: async () => void (await Promise.all([pool.close(), replica?.close()])),
  };
}

interface Place {
  readonly pool: Pool;
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
  const lent = await pool.lend();
  let broken: Error | undefined;
  try {
    await lent.client.query(lent.begin);
    const followers: (() => void)[] = [];
    const onCommit = (callback: () => void) => void followers.push(callback);
    const tx: Tx = { ...queryableOf(lent.send, noteAnswer), isTransaction: true, onCommit };
    const result = await runInsideTransaction(() => work(tx));
    const { command } = await lent.commit();
    if (command !== "COMMIT") throw new Error(swallowed);
    for (const follow of followers) follow();
    return result;
  } catch (error) {
    broken = brokenConnection(error instanceof AppError ? error.cause : error);
    if (!broken) broken = await rollback(lent);
    throw translated(error);
  } finally {
    lent.release(broken);
  }
}

/** The error of a connection that can not even do that. */
async function rollback({ client }: Lent): Promise<Error | undefined> {
  return await client.query("rollback").then(
    () => undefined,
    (failure: unknown) => (failure instanceof Error ? failure : new Error(String(failure))),
  );
}

const swallowed =
  "The transaction was rolled back although it ended without an error: a statement in it failed, and its error was caught. Let the error leave the transaction.";

type Send = (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>;

function queryableOf(send: Send, noteAnswer: () => void): Queryable {
  const query = async (text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> => {
    // While whoever asks is still known.
    statementOf(text);
    try {
      const result = await send(text, values);
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
