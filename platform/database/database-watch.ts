// Whether a service's database can be worked with: it answers, and it holds the tables this program knows.
import type { Clock } from "#platform/kit/clock.ts";
import { sqlState, type Database } from "./db.ts";
import type { Migration } from "./migrate.ts";

/** What a look at a part of a service has found. */
export interface Finding {
  /** Full sentences; empty when nothing is missing. */
  readonly lacks: readonly string[];
  /** The service cannot work without it. */
  readonly isDown: boolean;
}

/** A question that is not answered for so long makes the database slow. */
const slowMs = 1_000;
/**
 * One that has answered nobody for so long is dead. Longer than a busy server lets wait, so that a slow one does not take all replicas of
 * all services out of the rotation at once; shorter than the limit of every statement (10 s).
 */
const deadMs = 5_000;
/** Migrations do not go away by themselves, but a restored backup may be older than the program. */
const migrationsEveryMs = 30_000;

/**
 * Looks at one database. No look takes longer than a second, and only one question is under way at a time: a database that hangs gets no
 * second one. What others are answered meanwhile counts too, so that a full pool is not taken for a dead server.
 */
export class DatabaseWatch {
  readonly #db: Database;
  readonly #known: readonly Migration[];
  readonly #clock: Clock;
  #question: Promise<Finding> | undefined;
  #askedAtMs = 0;
  #migrations: Finding = well;
  #migrationsAtMs = Number.NEGATIVE_INFINITY;

  constructor(db: Database, known: readonly Migration[], clock: Clock) {
    this.#db = db;
    this.#known = known;
    this.#clock = clock;
  }

  async look(): Promise<Finding> {
    if (!this.#question) {
      this.#askedAtMs = this.#clock.monotonicMs();
      this.#question = this.#ask().finally(() => (this.#question = undefined));
    }
    const late = Promise.withResolvers<"late">();
    const timer = this.#clock.after(slowMs, () => late.resolve("late"));
    // Asked each time: while nobody is sent here, nobody else would find out.
    const reading = this.#db.isReadAlone().catch(() => false);
    const answer = await Promise.race([this.#question, late.promise]);
    const isReadAlone = (await Promise.race([reading, late.promise])) === true;
    timer.stop();
    return this.#withReplica(answer === "late" ? this.#unanswered() : answer, isReadAlone);
  }

  /** Where a replica answers in place of the primary, people go on browsing: the service is degraded, and stays where they reach it. */
  #withReplica({ lacks, isDown }: Finding, isReadAlone: boolean): Finding {
    return { lacks: [...lacks, ...this.#db.lacks()], isDown: isDown && !isReadAlone };
  }

  async #ask(): Promise<Finding> {
    try {
      if (this.#clock.monotonicMs() - this.#migrationsAtMs < migrationsEveryMs) {
        await this.#db.run("select 1");
        return this.#migrations;
      }
      const rows = await this.#db.rows<Applied>("select scope, number, is_breaking from schema_migrations");
      this.#migrations = compared(rows, this.#known);
    } catch (error) {
      if (sqlState(error) !== undefinedTable) return this.#refused();
      this.#migrations = compared([], this.#known);
    }
    this.#migrationsAtMs = this.#clock.monotonicMs();
    return this.#migrations;
  }

  #refused(): Finding {
    // Asked again when it answers: it may be another database by then.
    this.#migrationsAtMs = Number.NEGATIVE_INFINITY;
    if ((this.#db.answeredAtMs() ?? 0) < this.#askedAtMs) return unreachable;
    return { ...this.#migrations, lacks: [busy, ...this.#migrations.lacks] };
  }

  #unanswered(): Finding {
    const sinceMs = Math.max(this.#db.answeredAtMs() ?? 0, this.#askedAtMs);
    const silentMs = this.#clock.monotonicMs() - sinceMs;
    if (silentMs < slowMs) return this.#migrations;
    const seconds = Math.round(silentMs / 1000);
    const silence = `Its database has not answered for ${seconds} s.`;
    return {
      lacks: [silence, ...this.#migrations.lacks],
      isDown: silentMs >= deadMs || this.#migrations.isDown,
    };
  }
}

const undefinedTable = "42P01";
const well: Finding = { lacks: [], isDown: false };
const unreachable: Finding = { lacks: ["Its database cannot be reached."], isDown: true };
const busy = "Its database answers others, but has had no connection to spare for a look.";

interface Applied {
  readonly scope: string;
  readonly number: number;
  readonly is_breaking: boolean;
}

/** More migrations than this program knows are another release's expansion: it works with them. */
function compared(applied: readonly Applied[], known: readonly Migration[]): Finding {
  const done = new Set(applied.map(({ scope, number }) => `${scope}/${number}`));
  const missing = known.filter(({ scope, number }) => !done.has(`${scope}/${number}`));
  if (missing.length > 0) {
    const names = missing.map(({ scope, number }) => `${scope}/${number}`).join(", ");
    return { lacks: [`Its database lacks migrations of this release: ${names}.`], isDown: true };
  }
  const ours = new Set(known.map(({ scope, number }) => `${scope}/${number}`));
  const breaking = applied.find((row) => row.is_breaking && !ours.has(`${row.scope}/${row.number}`));
  if (!breaking) return well;
  const name = `${breaking.scope}/${breaking.number}`;
  return {
    lacks: [`A newer release has changed its database so that this one may fail (migration ${name}).`],
    isDown: false,
  };
}
