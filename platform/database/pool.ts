// Connections to PostgreSQL, lent one at a time: every timeout set, statements prepared once, and no state of the session relied on where a
// pooler such as PgBouncer gives each transaction another one.
import pg from "pg";
import type { Clock } from "#platform/kit/clock.ts";
import { AppError, appError } from "#platform/kit/errors.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { connectionWaitSeconds, showPool, statementSeconds } from "#platform/telemetry/database-metrics.ts";
import { startInnerSpan } from "#platform/telemetry/trace.ts";
import { connectionOf, isOnTheWay } from "./connection.ts";
import { beginWith, greet, settingsOf, type SessionSetting } from "./session.ts";
import { statementOf } from "./statements.ts";

export interface PoolOptions {
  readonly url: string;
  /** Whose pool it is, in metrics and pg_stat_activity. */
  readonly name: string;
  readonly connectionsMax: number;
  /** PostgreSQL then refuses every change, whatever the role may do. */
  readonly isReadOnly?: boolean | undefined;
  /** How long to wait for a connection. */
  readonly acquireTimeoutMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** PostgreSQL's own limits are off by default; these hold on every connection. */
const limits: readonly SessionSetting[] = [
  { name: "statement_timeout", value: "10000" },
  { name: "lock_timeout", value: "5000" },
  { name: "idle_in_transaction_session_timeout", value: "10000" },
];

const readOnly: SessionSetting = { name: "default_transaction_read_only", value: "on" };

const defaultAcquireTimeoutMs = 8_000;
/** Longer than any statement may take: only a server that does not answer at all gets this far. */
const silenceMaxMs = 15_000;

// int8 as bigint, so that no amount loses digits; numeric and date stay text.
pg.types.setTypeParser(pg.types.builtins.INT8, BigInt);
const int8List = 1016 as typeof pg.types.builtins.INT8;
const parseTexts = pg.types.getTypeParser(int8List) as (text: string) => (string | null)[];
pg.types.setTypeParser(int8List, (text) =>
  parseTexts(text).map((item) => (item === null ? null : BigInt(item))),
);

/** A connection in somebody's hands. */
export interface Lent {
  /** The connection itself; the same object each time it is lent. */
  readonly client: pg.PoolClient;
  /** What opens a transaction that has the pool's settings. */
  readonly begin: string;
  /** One statement, prepared under a name where the session is the pool's own. */
  readonly send: (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>;
  /** Ends a transaction, and tells whether it did. */
  readonly commit: () => Promise<pg.QueryResult>;
  /** One statement by itself, with the pool's settings. */
  readonly sendAlone: (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>;
  /** Gives it back; with an error after which it can serve nobody else, it is closed. */
  release(broken: Error | undefined): void;
}

/** Opens none until one is wanted; a lost one is replaced, never fatal. */
export class Pool {
  readonly #pool: pg.Pool;
  readonly #settings: readonly SessionSetting[];
  readonly #begin: string;
  /** Without these a statement would mean something else, such as tables of another schema. */
  readonly #mustWrap: boolean;
  /** Whether the session is our own, by connection. */
  readonly #isOwn = new WeakMap<pg.PoolClient, boolean>();
  readonly #clock: Clock;
  readonly #name: string;
  readonly #observers = new Map<string, (seconds: number) => void>();
  readonly #observeWait: (seconds: number) => void;
  readonly #hide: () => void;

  constructor({ url, name, connectionsMax, isReadOnly, acquireTimeoutMs, clock, log }: PoolOptions) {
    this.#clock = clock;
    this.#name = name;
    const wait = connectionWaitSeconds.labels({ service: name });
    this.#observeWait = (seconds) => wait.observe(seconds);
    const { options, ...connection } = connectionOf(url);
    const said = settingsOf(options ?? "");
    this.#settings = [...said, ...limits, ...(isReadOnly ? [readOnly] : [])];
    this.#mustWrap = said.length > 0 || isReadOnly === true;
    this.#begin = beginWith(this.#settings);
    const pool = new pg.Pool({
      ...connection,
      max: connectionsMax,
      application_name: `stoa-${name}`,
      connectionTimeoutMillis: acquireTimeoutMs ?? defaultAcquireTimeoutMs,
      query_timeout: silenceMaxMs,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
    });
    this.#pool = pool;
    pool.on("error", (error) => {
      if (!pool.ending)
        log.warn({ err: error }, "An idle database connection was lost; it will be replaced.");
    });
    // The pool stops listening while a connection is in use, and an error nobody listens to would end the process. The statement
    // that was under way, or the next one, tells of the loss.
    pool.on("connect", (client) => client.on("error", () => undefined));
    this.#hide = showPool(() => {
      const { idleCount: idle, totalCount, waitingCount: waiting } = pool;
      return { name, idle, used: totalCount - idle, waiting, max: connectionsMax };
    });
  }

  /** Waits for a connection. Rejects with `unavailable` when none comes. */
  async lend(): Promise<Lent> {
    let client: pg.PoolClient | undefined;
    const startedMs = this.#clock.monotonicMs();
    try {
      client = await this.#pool.connect().finally(() => this.#observeWait(this.#secondsSince(startedMs)));
      return this.#lent(client, this.#isOwn.get(client) ?? (await this.#greet(client)));
    } catch (error) {
      client?.release(true);
      throw translated(error);
    }
  }

  /** One statement by itself. A refused statement leaves its connection in the pool. */
  async sendAlone(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    const lent = await this.lend();
    let broken: Error | undefined;
    try {
      return await lent.sendAlone(text, values);
    } catch (error) {
      broken = brokenConnection(error);
      throw error;
    } finally {
      lent.release(broken);
    }
  }

  close(): Promise<void> {
    this.#hide();
    return this.#pool.end();
  }

  /** Sends, and measures how long the answer took, also that of a refusal. */
  async #measured(summary: string, send: () => Promise<pg.QueryResult>): Promise<pg.QueryResult> {
    const startedMs = this.#clock.monotonicMs();
    const span = startInnerSpan(summary, "client");
    let failed = false;
    try {
      return await send();
    } catch (error) {
      // A statement that is refused is an answer.
      failed = translated(error) !== error;
      throw error;
    } finally {
      this.#observerOf(summary)(this.#secondsSince(startedMs));
      span?.end({ failed, attributes: sqlAttributes });
    }
  }

  #observerOf(summary: string): (seconds: number) => void {
    const known = this.#observers.get(summary);
    if (known) return known;
    const child = statementSeconds.labels({ service: this.#name, db_query_summary: summary });
    const observe = (seconds: number) => child.observe(seconds);
    this.#observers.set(summary, observe);
    return observe;
  }

  #secondsSince(startedMs: number): number {
    return (this.#clock.monotonicMs() - startedMs) / 1000;
  }

  async #greet(client: pg.PoolClient): Promise<boolean> {
    const isOwn = await greet(client, this.#settings);
    this.#isOwn.set(client, isOwn);
    return isOwn;
  }

  #lent(client: pg.PoolClient, isOwn: boolean): Lent {
    const begin = isOwn ? "begin" : this.#begin;
    const send = async (text: string, values: readonly unknown[]) => {
      const { prepared, summary } = statementOf(text);
      const query = isOwn ? { name: prepared, text, values: [...values] } : { text, values: [...values] };
      return await this.#measured(summary, async () => await client.query(query));
    };
    const wrapped = async (text: string, values: readonly unknown[]) => {
      await client.query(begin);
      try {
        const result = await send(text, values);
        await client.query("commit");
        return result;
      } catch (error) {
        if (!brokenConnection(error)) await client.query("rollback");
        throw error;
      }
    };
    return {
      client,
      begin,
      send,
      commit: async () => await this.#measured("commit", async () => await client.query("commit")),
      sendAlone: isOwn || !this.#mustWrap ? send : wrapped,
      release: (broken) => client.release(broken),
    };
  }
}

const sqlAttributes = { "db.system.name": "postgresql" } as const;

/** SQLSTATE classes and codes that say the server is away or overloaded, not that the statement is wrong. */
const unavailableStates = /^(08|57P|53|55P03|57014|25P0[34])/;
/** A database that takes no connections at the moment; its code means other things too. */
const isClosed = (state: string, error: unknown) =>
  state === "55000" && /not currently accepting connections/.test(String(error));

/** Losing the database is `unavailable`, whatever the driver calls it; other errors pass through. */
export function translated(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const state = error instanceof pg.DatabaseError ? error.code : undefined;
  const lost =
    state === undefined
      ? isConnectionFailure(error)
      : unavailableStates.test(state) || isClosed(state, error);
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
    isOnTheWay(code) || /connection|timeout exceeded|read timeout|pool after calling end/i.test(error.message)
  );
}

/** The error, when after it the connection can serve nobody else; a plain refusal of a statement is none. */
export function brokenConnection(error: unknown): Error | undefined {
  if (error instanceof pg.DatabaseError) return error.severity === "FATAL" ? error : undefined;
  if (!isConnectionFailure(error)) return undefined;
  return error instanceof Error ? error : new Error(String(error));
}
