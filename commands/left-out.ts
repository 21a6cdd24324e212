import { closeSync, openSync, writeSync } from "node:fs";
import { toRow } from "#platform/kit/csv.ts";
import type { ImportFault } from "../services/catalog/import.ts";

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
      writeSync(this.#file, toRow(["line", "reason", "text"]));
    }
    writeSync(this.#file, toRow([String(line), reasons.join("; "), source]));
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
