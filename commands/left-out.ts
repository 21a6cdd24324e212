import { closeSync, openSync, writeSync } from "node:fs";
import type { ImportFault } from "../services/catalog/import.ts";
import { toRow } from "../services/catalog/import/csv-cells.ts";

/** A table of the lines that an import left out, each with why and as it stood in the file. Made with the first of them. */
export class LeftOutReport {
  readonly path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  add({ line, reasons, source }: ImportFault): void {
    if (this.#file === undefined) {
      this.#file = openSync(this.path, "w");
      // The mark is for spreadsheets, which take the file for an old encoding without it.
      writeSync(this.#file, `\uFEFF${toRow(["line", "reason", "text"])}`);
    }
    writeSync(this.#file, toRow([String(line), reasons.join("; "), source]));
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
