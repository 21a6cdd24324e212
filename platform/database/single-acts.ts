import type { JsonValue } from "@bufbuild/protobuf";
import type { Database } from "./db.ts";

/** How far an act has come: this caller may do it, it has ended, or somebody began it and nobody knows what came of it. */
export type ActState<Outcome> = "ours" | "unknown" | { readonly outcome: Outcome };

/**
 * Acts at a neighbour that knows no idempotency keys, such as a charge. Each is begun at most once, whatever crashes: the intent is
 * written before it, the outcome after it. One that was begun and has no outcome is never begun again; a person has to look at the
 * neighbour and write down what came of it (docs/operate/foreign-neighbours.md).
 */
export class SingleActs<Outcome extends JsonValue> {
  readonly #db: Database;
  readonly #act: string;

  constructor(db: Database, act: string) {
    this.#db = db;
    this.#act = act;
  }

  /** Writes the intent, or tells what became of an earlier one. Of any number of callers one at most is told that it is theirs. */
  async begin(key: string): Promise<ActState<Outcome>> {
    const begun = await this.#db.run(
      "insert into single_acts (act, key) values ($1, $2) on conflict (act, key) do nothing",
      [this.#act, key],
    );
    return begun === 1 ? "ours" : ((await this.find(key)) ?? "unknown");
  }

  /** Writes down what came of it. The first word counts. */
  async end(key: string, outcome: Outcome): Promise<void> {
    await this.#db.run(
      "update single_acts set ended_at = now(), outcome = $3 where act = $1 and key = $2 and ended_at is null",
      [this.#act, key, JSON.stringify(outcome)],
    );
  }

  /** Sees to it that an act that was not begun never will be, under this outcome; tells how it is now. */
  async bar(key: string, outcome: Outcome): Promise<ActState<Outcome>> {
    await this.#db.run(
      `insert into single_acts (act, key, ended_at, outcome) values ($1, $2, now(), $3)
       on conflict (act, key) do nothing`,
      [this.#act, key, JSON.stringify(outcome)],
    );
    return (await this.find(key)) ?? "unknown";
  }

  /** Undefined for one that was never begun. */
  async find(key: string): Promise<"unknown" | { readonly outcome: Outcome } | undefined> {
    const row = await this.#db.row<{ endedAt: Date | null; outcome: Outcome }>(
      `select ended_at as "endedAt", outcome from single_acts where act = $1 and key = $2`,
      [this.#act, key],
    );
    if (!row) return undefined;
    return row.endedAt ? { outcome: row.outcome } : "unknown";
  }
}
