import { createReadStream } from "node:fs";
import { parse, type CsvError, type Info } from "csv-parse";
import { StartError } from "#platform/kit/start-error.ts";
import { parseColumns, type Columns, type PlainColumn } from "./csv-columns.ts";
import { entryOfRows, type Row } from "./csv-product.ts";
import { unreadable, type ImportEntry } from "./import-entry.ts";

const recordBytesMax = 256 * 1024;

/** Products of a CSV file in its order. Rows with the same code that follow each other are variants of one product. */
export async function* csvEntries(
  path: string,
  currencyCode: string,
  onBytes: (count: number) => void,
): AsyncGenerator<ImportEntry> {
  const skipped: ImportEntry[] = [];
  let columns: Columns | undefined;
  let rows: Row[] = [];
  for await (const { record, line } of records(path, onBytes, skipped)) {
    yield* skipped.splice(0);
    if (!columns) {
      columns = requireColumns(record);
      continue;
    }
    const row = rowOf(record, line, columns);
    if (rows.length > 0 && !isSameProduct(rows[0], row)) {
      yield entryOfRows(rows, currencyCode);
      rows = [];
    }
    rows.push(row);
  }
  if (rows.length > 0) yield entryOfRows(rows, currencyCode);
  yield* skipped;
  requireColumns(columns ? undefined : []);
}

async function* records(path: string, onBytes: (count: number) => void, skipped: ImportEntry[]) {
  let goodUntil = 0;
  const file = createReadStream(path);
  file.on("data", (chunk) => onBytes(chunk.length));
  const parser = parse({
    bom: true,
    info: true,
    // Not rtrim: with it a quotation mark inside a text would swallow the rows that follow.
    ltrim: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: recordBytesMax,
    on_record: (record, { lines }) => {
      goodUntil = lines;
      return record;
    },
    on_skip: (error: CsvError | undefined) => {
      skipped.push(unreadable(goodUntil + 1, csvFault(error)));
      return undefined;
    },
  });
  file.on("error", (error) => parser.destroy(error));
  file.pipe(parser);
  for await (const { info, record } of parser as AsyncIterable<{ info: Info; record: string[] }>)
    yield { record, line: info.lines - linesInside(record) };
}

/** A record is counted by its last line; people look for its first. */
function linesInside(record: readonly string[]): number {
  return record.reduce((count, text) => count + text.split("\n").length - 1, 0);
}

function csvFault(error: CsvError | undefined): string {
  switch (error?.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return "begins a text in quotation marks that does not end";
    case "CSV_MAX_RECORD_SIZE":
      return "is too long for a product; perhaps a quotation mark is missing";
    default:
      return "is not CSV: a quotation mark stands out of place";
  }
}

function requireColumns(header: string[]): Columns;
function requireColumns(header: string[] | undefined): Columns | undefined;
function requireColumns(header: string[] | undefined): Columns | undefined {
  if (!header) return undefined;
  const columns = parseColumns(header);
  if (typeof columns === "string") throw new StartError(`The file cannot be imported. ${columns}`);
  return columns;
}

function rowOf(record: readonly string[], line: number, columns: Columns): Row {
  const named = (list: Columns["options"]) =>
    Object.fromEntries(
      list.flatMap(({ name, index }) => {
        const value = record[index]?.trim() ?? "";
        return value === "" ? [] : [[name, value] as const];
      }),
    );
  return {
    line,
    get: (column: PlainColumn) => record[columns.plain.get(column) ?? -1]?.trim() ?? "",
    attributes: named(columns.attributes),
    options: named(columns.options),
  };
}

function isSameProduct(first: Row | undefined, row: Row): boolean {
  const code = row.get("code");
  return code !== "" && first?.get("code") === code;
}
