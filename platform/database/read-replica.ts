// A replica that takes reads off the primary and never shows less than what was committed when it was asked. docs/decisions/0047-reads-behind-the-primary.md
import pg from "pg";
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { databaseReads } from "#platform/telemetry/metrics.ts";
import type { Queryable } from "./db.ts";
import { brokenConnection, Pool, type Lent } from "./pool.ts";
import { statementOf } from "./statements.ts";

export interface ReadReplicaOptions {
  readonly primaryUrl: string;
  readonly replicaUrl: string;
  readonly name: string;
  readonly connectionsMax: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How far the primary had written, as bytes from the beginning. */
interface Position {
  readonly lsn: bigint;
  /** False when the primary did not tell, and this is the last it told. */
  readonly isCurrent: boolean;
}

/** A primary that does not tell its position for so long is away; while it is away, whoever asks waits no longer than the second. */
const askingMaxMs = { well: 600, away: 50 };
/** How long a statement waits for the replica to catch up before the primary answers it: less than anybody notices. */
const catchingUpMaxMs = 10;
const catchingUpPauseMs = 2;
/** A replica that answers no sooner is slow: the primary is asked instead. */
const patienceMs = 400;
/** A replica that failed is left alone for so long, and twice as long each time. */
const restMs = { first: 1_000, longest: 30_000 };

const identity = `current_database() as database, (select system_identifier::text from pg_control_system()) as system`;

/** What is committed is flushed, unless commits do not wait for that. */
const positionText = `select pg_wal_lsn_diff(case current_setting('synchronous_commit') when 'off'
  then pg_current_wal_insert_lsn() else pg_current_wal_flush_lsn() end, '0/0')::text as lsn, ${identity}`;

/** Null where it follows nobody: what a server says that was promoted, is no copy. */
const replayText = `select case when pg_is_in_recovery() then pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::text end as lsn, ${identity}`;

interface Told {
  readonly lsn: string | null;
  readonly database: string;
  readonly system: string;
}

/** PostgreSQL's read_only_sql_transaction. */
const readOnlyState = "25006";

class NoReplica extends Error {}

/**
 * Gives connections that read: each shows everything that was committed before it was asked for, by whomever. A statement goes to the
 * replica when that has replayed the primary's position of that moment, and to the primary otherwise, also when the replica is
 * away, slow or refuses it: no read fails because of it. While the primary is away the replica answers alone, with
 * nothing older than the last position that was told here.
 */
export class ReadReplica {
  readonly #options: ReadReplicaOptions;
  /** For one question at a time, apart from the pool of the service: that one being full is no sign that the primary is away. */
  readonly #source: Pool;
  readonly #replica: Pool;
  /** How far the server behind each connection was when it last told. */
  readonly #replayed = new WeakMap<pg.PoolClient, bigint>();
  #question: Promise<Position> | undefined;
  #nextQuestion: Promise<Position> | undefined;
  #told: { readonly lsn: bigint; readonly database: string; readonly system: string } | undefined;
  #isPrimaryAway = false;
  #failures = 0;
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #answeredAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReadReplicaOptions) {
    const { primaryUrl, replicaUrl, name, connectionsMax, clock, log } = options;
    this.#options = options;
    const source = { url: primaryUrl, name: `${name}-position`, connectionsMax: 1 };
    this.#source = new Pool({ ...source, acquireTimeoutMs: askingMaxMs.well, clock, log });
    const replica = { url: replicaUrl, name: `${name}-reads`, connectionsMax };
    this.#replica = new Pool({ ...replica, isReadOnly: true, acquireTimeoutMs: patienceMs, clock, log });
  }

  /** Reads as of now. `primary` is whoever answers where the replica does not. */
  async reader(primary: Queryable): Promise<Queryable> {
    if (this.#isResting() && !this.#isPrimaryAway) return readsOf(primary);
    const position = await this.#position();
    return {
      rows: async (text, values = []) =>
        await this.#read(
          { text, values },
          position,
          ({ rows }) => rows as never,
          () => primary.rows(text, values),
        ),
      row: async (text, values = []) =>
        await this.#read(
          { text, values },
          position,
          ({ rows }) => rows[0] as never,
          () => primary.row(text, values),
        ),
      run: refuseToChange,
    };
  }

  /** Full sentences about what is missing; none while all is well. */
  lacks(): string[] {
    const resting =
      "Its read replica is left alone for a while: it is away, slow, or no replica of its database.";
    const away = "Its primary database does not answer: lists come from the replica, and may be old.";
    return [...(this.#isResting() ? [resting] : []), ...(this.#isPrimaryAway ? [away] : [])];
  }

  /** Asks whether the primary is away and the replica answers in its place. */
  async isAlone(): Promise<boolean> {
    const { lsn, isCurrent } = await this.#position();
    if (isCurrent) return false;
    const result = await this.#inTime(this.#onReplica({ text: "select 1", values: [] }, lsn), false);
    return result !== undefined;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#source.close(), this.#replica.close()]);
  }

  /** One question is under way at a time: it may have been answered before whoever comes meanwhile did what she wants to see, so these share the next. */
  async #position(): Promise<Position> {
    if (!this.#question) {
      this.#question = this.#ask().finally(() => (this.#question = undefined));
      return await this.#question;
    }
    this.#nextQuestion ??= this.#question.then(async () => {
      this.#nextQuestion = undefined;
      return await this.#position();
    });
    return await this.#nextQuestion;
  }

  async #ask(): Promise<Position> {
    const { clock, log, name } = this.#options;
    const late = Promise.withResolvers<undefined>();
    const timer = clock.after(askingMaxMs[this.#isPrimaryAway ? "away" : "well"], () =>
      late.resolve(undefined),
    );
    const answer = this.#source.sendAlone(positionText, []).catch(() => undefined);
    const told = (await Promise.race([answer, late.promise]))?.rows[0] as Told | undefined;
    timer.stop();
    if (!told) {
      if (!this.#isPrimaryAway)
        log.warn(
          { database: name },
          "The primary database does not answer; lists come from the replica until it does.",
        );
      this.#isPrimaryAway = true;
      return { lsn: this.#told?.lsn ?? 0n, isCurrent: false };
    }
    if (this.#isPrimaryAway) log.info({ database: name }, "The primary database answers again.");
    this.#isPrimaryAway = false;
    this.#told = { ...told, lsn: BigInt(told.lsn ?? 0) };
    return { lsn: this.#told.lsn, isCurrent: true };
  }

  async #read<T>(
    statement: Statement,
    { lsn, isCurrent }: Position,
    pick: (result: pg.QueryResult) => T,
    onPrimary: () => Promise<T>,
  ): Promise<T> {
    statementOf(statement.text);
    const result = await this.#inTime(this.#onReplica(statement, lsn), isCurrent);
    databaseReads.inc({ service: this.#options.name, from: result ? "replica" : "primary" });
    return result ? pick(result) : await onPrimary();
  }

  /** Undefined where the replica does not answer as it should; why is noted. Where the primary is away, there is nobody else to ask. */
  async #inTime(
    reading: Promise<pg.QueryResult | undefined>,
    hasPrimary: boolean,
  ): Promise<pg.QueryResult | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = this.#options.clock.after(patienceMs, () => {
      if (!hasPrimary) return;
      this.#fail(new Error(`It has not answered for ${patienceMs} ms.`), true);
      late.resolve(undefined);
    });
    const noted = reading.catch((error: unknown) => {
      // A refused statement says nothing about the server; the primary says it again, or knows better. A change it would make.
      if (error instanceof pg.DatabaseError && error.code === readOnlyState) throw error;
      if (!(error instanceof pg.DatabaseError) || brokenConnection(error))
        this.#fail(error, isTimeout(error));
      return undefined;
    });
    const result = await Promise.race([noted, late.promise]);
    timer.stop();
    return result;
  }

  async #onReplica({ text, values }: Statement, lsn: bigint): Promise<pg.QueryResult | undefined> {
    const lent = await this.#replica.lend();
    let broken: Error | undefined;
    try {
      if (!(await this.#hasReplayed(lent, lsn))) return undefined;
      const result = await lent.sendAlone(text, values);
      this.#answered();
      return result;
    } catch (error) {
      broken = brokenConnection(error);
      throw error;
    } finally {
      lent.release(broken);
    }
  }

  /** Asked of the very connection that will read: behind one address there may be several replicas. */
  async #hasReplayed(lent: Lent, lsn: bigint): Promise<boolean> {
    const { clock } = this.#options;
    if ((this.#replayed.get(lent.client) ?? -1n) >= lsn) return true;
    const untilMs = clock.monotonicMs() + catchingUpMaxMs;
    for (;;) {
      const { rows } = await lent.send(replayText, []);
      const replayed = this.#replayedBy(rows[0] as Told);
      this.#answered();
      this.#replayed.set(lent.client, replayed);
      if (replayed >= lsn) return true;
      if (clock.monotonicMs() >= untilMs) return false;
      await clock.sleep(catchingUpPauseMs);
    }
  }

  #replayedBy({ lsn, database, system }: Told): bigint {
    const source = this.#told;
    if (lsn === null) throw new NoReplica("It is no replica: it follows no other server.");
    if (source && (source.database !== database || source.system !== system))
      throw new NoReplica(`It is a replica of another database: ${database}.`);
    return BigInt(lsn);
  }

  #isResting(): boolean {
    return this.#options.clock.monotonicMs() < this.#restsUntilMs;
  }

  #answered(): void {
    this.#answeredAtMs = this.#options.clock.monotonicMs();
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#options.log.info({ database: this.#options.name }, "The read replica answers again.");
  }

  /** One that answers others is only busy. */
  #fail(error: unknown, isLate: boolean): void {
    const { clock, log, name } = this.#options;
    const nowMs = clock.monotonicMs();
    const isBusy = isLate && nowMs - this.#answeredAtMs < patienceMs;
    if (isBusy || this.#isResting()) return;
    if (this.#failures === 0)
      log.warn(
        { err: error, database: name },
        "The read replica cannot be used; the primary answers instead.",
      );
    this.#failures += 1;
    this.#restsUntilMs = nowMs + Math.min(restMs.first * 2 ** (this.#failures - 1), restMs.longest);
  }
}

/** Of the pool, which had no connection to spare; the driver's own error is in the cause. */
function isTimeout(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && /timeout exceeded/i.test(cause.message);
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Only its reads. */
function readsOf(db: Queryable): Queryable {
  return {
    rows: async (text, values) => await db.rows(text, values),
    row: async (text, values) => await db.row(text, values),
    run: refuseToChange,
  };
}

function refuseToChange(): Promise<never> {
  return Promise.reject(
    new Error("A reader changes nothing. Run what changes something on the database itself."),
  );
}
