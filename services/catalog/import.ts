import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { recordActivity } from "#platform/activity/activity.ts";
import { brokenConstraint, type Tx } from "#platform/database/db.ts";
import type { FieldViolation } from "#platform/kit/errors.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { CatalogDatabase } from "./context.ts";
import { takenRefusal } from "./errors.ts";
import { csvEntries } from "./import/csv-entries.ts";
import type { ImportEntry, ProductPart } from "./import/import-entry.ts";
import { ImportPlan, type ImportChanges, type RowAbove } from "./import/import-plan.ts";
import { lockImported, writeImported } from "./import/import-store.ts";
import { jsonEntries } from "./import/json-entries.ts";
import { encodingOf, type TextEncoding } from "./import/text-encoding.ts";
import { tellStockReason } from "./stock-store.ts";

/** Counts of products, and of lines that were left out; bytes are those of the file. */
export interface ImportProgress {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** Why a line of the file was left out; `line` is where it begins, `source` what stands there. */
export interface ImportFault {
  readonly line: number;
  readonly reasons: readonly string[];
  readonly source: string;
}

export interface ImportOptions {
  /** The first bad line ends the import; batches before it stay. */
  readonly isStrict?: boolean;
  /** In place of what can be seen from the file. */
  readonly encoding?: string | undefined;
  readonly onEncoding?: (encoding: TextEncoding) => void;
  readonly onFault?: (fault: ImportFault) => void;
  readonly signal?: AbortSignal;
}

const batchSize = 500;
const attemptsMax = 3;

/**
 * Writes what a .csv, .json or .ndjson file says of products into the catalogue: those that exist are brought up to date, others made.
 * What the file does not name stays as it is, and what is so already is not written: running it again changes nothing.
 */
export async function importFile(
  ctx: CatalogDatabase,
  path: string,
  onProgress: (progress: ImportProgress) => void,
  options: ImportOptions = {},
): Promise<ImportProgress> {
  const work = new Import(ctx, path, onProgress, options);
  return await work.run();
}

interface Checked extends Pick<ImportEntry, "line" | "source"> {
  readonly part: ProductPart;
  /** The line before could not be read. */
  readonly isCut: boolean;
}

class Import {
  readonly #ctx: CatalogDatabase;
  readonly #path: string;
  readonly #onProgress: (progress: ImportProgress) => void;
  readonly #options: ImportOptions;
  #above: RowAbove | undefined;
  readonly #counts = { created: 0, updated: 0, unchanged: 0, refused: 0, bytesRead: 0, bytesTotal: 0 };

  constructor(
    ctx: CatalogDatabase,
    path: string,
    onProgress: (progress: ImportProgress) => void,
    options: ImportOptions,
  ) {
    this.#ctx = ctx;
    this.#path = path;
    this.#onProgress = onProgress;
    this.#options = options;
  }

  async run(): Promise<ImportProgress> {
    const file = await stat(this.#path).catch(() => undefined);
    if (!file?.isFile())
      throw new StartError(`There is no file ${this.#path}. Name a .csv, .json or .ndjson file.`);
    this.#counts.bytesTotal = file.size;
    const encoding = await encodingOf(this.#path, this.#options.encoding);
    this.#options.onEncoding?.(encoding);
    let batch: Checked[] = [];
    let isCut = false;
    for await (const { line, source, part, faults } of this.#entries(encoding)) {
      this.#options.signal?.throwIfAborted();
      const isReadable = part !== undefined && faults.length === 0;
      if (isReadable) batch.push({ line, source, part, isCut });
      else this.#refuse({ line, source }, faults);
      isCut = !isReadable;
      if (batch.length < batchSize) continue;
      await this.#write(batch);
      batch = [];
    }
    await this.#write(batch);
    return { ...this.#counts };
  }

  #entries(encoding: TextEncoding): AsyncGenerator<ImportEntry> {
    const onBytes = (count: number) => void (this.#counts.bytesRead += count);
    const file = { path: this.#path, encoding, currencyCode: this.#ctx.baseCurrency };
    switch (extname(this.#path).toLowerCase()) {
      case ".csv":
      case ".tsv":
      case ".txt":
        return csvEntries(file, onBytes);
      case ".json":
      case ".ndjson":
      case ".jsonl":
        return jsonEntries(file, onBytes);
      default:
        throw new StartError(
          `${this.#path} is of no kind that can be imported. Name a .csv, .json or .ndjson file.`,
        );
    }
  }

  #refuse({ line, source }: Pick<ImportEntry, "line" | "source">, faults: readonly FieldViolation[]): void {
    this.#counts.refused += 1;
    const reasons = [...new Set(faults.map(({ path, message }) => `${path} ${message}`.trim()))];
    this.#options.onFault?.({ line, reasons, source });
    if (this.#options.isStrict)
      throw new StartError(
        `The import stopped at line ${line}: ${reasons.join("; ")}. Mend the line and start again.`,
      );
  }

  async #write(batch: readonly Checked[]): Promise<void> {
    if (batch.length > 0) {
      const { outcomes, changes, above } = await this.#writeAll(batch);
      this.#above = above;
      for (const [index, outcome] of outcomes.entries()) {
        const entry = batch[index];
        if (entry && "faults" in outcome) this.#refuse(entry, outcome.faults);
      }
      for (const count of ["created", "updated", "unchanged"] as const) this.#counts[count] += changes[count];
    }
    this.#onProgress({ ...this.#counts });
  }

  /** Inside the transaction, so that nothing of the batch is written. */
  #stopAtFirst(batch: readonly Checked[], outcomes: readonly ReturnType<ImportPlan["take"]>[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      const entry = batch[index];
      if (entry && "faults" in outcome) this.#refuse(entry, outcome.faults);
    }
  }

  /** One entry for each batch: it names the products, so that a search for one of them finds it. */
  async #record(tx: Tx, { created, updated }: ImportChanges, productIds: readonly string[]): Promise<void> {
    await recordActivity(tx, {
      action: "product.import",
      actor: { kind: "command", id: "stoa import" },
      subject: { kind: "file", id: basename(this.#path) },
      after: { created, updated, productIds },
    });
  }

  /** An admin may take a code or slug between our look and our write; then everything is looked at again. */
  async #writeAll(batch: readonly Checked[]) {
    const parts = batch.map(({ part }) => part);
    const { db, baseCurrency: currencyCode, fields, note } = this.#ctx;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await db.inTransaction(async (tx) => {
          const before = await lockImported(tx, parts, this.#above?.productId);
          const plan = new ImportPlan({ currencyCode, fields }, before, parts.length, this.#above);
          const outcomes = batch.map(({ part, isCut }) => plan.take(part, isCut));
          if (this.#options.isStrict) this.#stopAtFirst(batch, outcomes);
          const changes: ImportChanges = plan.changes();
          await tellStockReason(tx, { reason: "import", actor: "import" });
          const ids = await writeImported(tx, changes, currencyCode);
          if (ids.length > 0) {
            await note(tx, {}, ids);
            await this.#record(tx, changes, ids);
          }
          return { outcomes, changes, above: plan.above };
        });
      } catch (error) {
        if (attempt >= attemptsMax || !takenRefusal(brokenConstraint(error))) throw error;
      }
    }
  }
}
