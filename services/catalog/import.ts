import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { brokenConstraint } from "#platform/database/db.ts";
import { AppError, type FieldViolation } from "#platform/kit/errors.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { planBatch } from "./batch.ts";
import { lockKnownCatalog, writeBatch } from "./batch-store.ts";
import { ensureCategories } from "./category-store.ts";
import type { CatalogDatabase } from "./context.ts";
import { takenRefusal } from "./errors.ts";
import { csvEntries } from "./import/csv-entries.ts";
import type { ImportEntry } from "./import/import-entry.ts";
import { jsonEntries } from "./import/json-entries.ts";
import { parseProduct, type ProductDraft } from "./product-draft.ts";
import { tellStockReason } from "./stock-store.ts";

/** Counts of products; bytes are those of the file. */
export interface ImportProgress {
  readonly created: number;
  readonly updated: number;
  readonly refused: number;
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** Why a product of the file was not written; `line` is where it begins. */
export interface ImportFault {
  readonly line: number;
  readonly reasons: readonly string[];
}

export interface ImportOptions {
  /** The first bad row ends the import; batches before it stay. */
  readonly isStrict?: boolean;
  readonly onFault?: (fault: ImportFault) => void;
  readonly signal?: AbortSignal;
}

const batchSize = 500;
const attemptsMax = 3;

/**
 * Writes the products of a .csv, .json or .ndjson file into the catalogue: those that exist (by code, else by SKU) are
 * brought up to date, others made. Each product is written whole or not at all; running it again changes nothing more.
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

interface Checked {
  readonly line: number;
  readonly draft: ProductDraft;
}

class Import {
  readonly #ctx: CatalogDatabase;
  readonly #path: string;
  readonly #onProgress: (progress: ImportProgress) => void;
  readonly #options: ImportOptions;
  readonly #counts = { created: 0, updated: 0, refused: 0, bytesRead: 0, bytesTotal: 0 };

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
    let batch: Checked[] = [];
    for await (const entry of this.#entries()) {
      this.#options.signal?.throwIfAborted();
      const checked = this.#check(entry);
      if (checked) batch.push(checked);
      if (batch.length < batchSize) continue;
      await this.#write(batch);
      batch = [];
    }
    await this.#write(batch);
    return { ...this.#counts };
  }

  #entries(): AsyncGenerator<ImportEntry> {
    const onBytes = (count: number) => void (this.#counts.bytesRead += count);
    const currencyCode = this.#ctx.baseCurrency;
    switch (extname(this.#path).toLowerCase()) {
      case ".csv":
        return csvEntries(this.#path, currencyCode, onBytes);
      case ".json":
      case ".ndjson":
      case ".jsonl":
        return jsonEntries(this.#path, currencyCode, onBytes);
      default:
        throw new StartError(
          `${this.#path} is of no kind that can be imported. Name a .csv, .json or .ndjson file.`,
        );
    }
  }

  #check({ line, input, faults }: ImportEntry): Checked | undefined {
    if (!input || faults.length > 0) {
      this.#refuse(line, faults);
      return undefined;
    }
    try {
      const { baseCurrency, fields } = this.#ctx;
      const isText = extname(this.#path).toLowerCase() === ".csv";
      const attributes = isText ? fields.spelled(input.attributes ?? {}) : input.attributes;
      return { line, draft: parseProduct({ ...input, attributes }, baseCurrency, fields) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#refuse(line, error.violations);
      return undefined;
    }
  }

  #refuse(line: number, faults: readonly FieldViolation[]): void {
    this.#counts.refused += 1;
    const reasons = faults.map(({ path, message }) => `${path} ${message}`.trim());
    this.#options.onFault?.({ line, reasons });
    if (this.#options.isStrict)
      throw new StartError(
        `The import stopped at line ${line}: ${reasons.join("; ")}. Mend the row and start again.`,
      );
  }

  async #write(batch: readonly Checked[]): Promise<void> {
    if (batch.length > 0) {
      const outcomes = await this.#writeAll(batch.map(({ draft }) => draft));
      for (const [index, outcome] of outcomes.entries()) {
        if ("faults" in outcome) this.#refuse(batch[index]?.line ?? 0, outcome.faults);
        else this.#counts[outcome.product.isNew ? "created" : "updated"] += 1;
      }
    }
    this.#onProgress({ ...this.#counts });
  }

  /** An admin may take a code or slug between our look and our write; then everything is looked at again. */
  async #writeAll(drafts: readonly ProductDraft[]) {
    const { db, baseCurrency, note } = this.#ctx;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await db.inTransaction(async (tx) => {
          const outcomes = planBatch(drafts, await lockKnownCatalog(tx, drafts));
          const products = outcomes.flatMap((outcome) => ("product" in outcome ? [outcome.product] : []));
          const wishes = products.flatMap(({ draft }) => draft.categories);
          const categoryIds = await ensureCategories(tx, wishes);
          await tellStockReason(tx, { reason: "import", actor: "import" });
          await writeBatch(tx, products, baseCurrency, categoryIds);
          const ids = products.map(({ id }) => id);
          await note(tx, {}, ids);
          return outcomes;
        });
      } catch (error) {
        if (attempt >= attemptsMax || !takenRefusal(brokenConstraint(error))) throw error;
      }
    }
  }
}
