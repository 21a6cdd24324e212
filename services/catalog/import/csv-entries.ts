import { fromCell } from "#platform/kit/csv.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { isOwnRow, parseColumns, type Columns, type PlainColumn } from "./csv-columns.ts";
import { partOfRow, type Row } from "./csv-product.ts";
import { cellsOf, csvRows, type CsvRow } from "./csv-rows.ts";
import { unreadable, type ImportEntry } from "./import-entry.ts";
import type { TextEncoding } from "./text-encoding.ts";
import { textLines, type TextLine } from "./text-lines.ts";

export interface CsvFile {
  readonly path: string;
  readonly encoding: TextEncoding;
  readonly currencyCode: string;
}

/** The rows of a CSV file in its order, each a product or a variant of one. */
export async function* csvEntries(
  { path, encoding, currencyCode }: CsvFile,
  onBytes: (count: number) => void,
): AsyncGenerator<ImportEntry> {
  const lines = textLines(path, encoding, onBytes);
  const { separator, columns } = await readHeader(lines);
  const description = columns.plain.get("description");
  const shape = {
    mayBreak: (column: number) => column === description,
    isOwnRow: (cells: CsvRow["cells"]) => isOwnRow(columns, cells),
  };
  // A generator would end with the loop over its first lines.
  const others = { [Symbol.asyncIterator]: () => ({ next: () => lines.next() }) };
  for await (const row of csvRows(others, separator, shape)) yield entryOf(row, columns, currencyCode);
}

const separators = [",", ";", "\t"] as const;

/** What stands between the cells, and what they are: said by a line "sep=" of Excel, or seen from the titles. */
async function readHeader(
  lines: AsyncGenerator<TextLine>,
): Promise<{ readonly separator: string; readonly columns: Columns }> {
  let named: string | undefined;
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const { text, fault } = next.value;
    if (fault !== undefined) throw cannotBe(`Its first line ${fault}.`);
    const said = /^"?sep=(.)"?$/i.exec(text.trim() === "sep=" ? text : text.trimEnd())?.[1];
    if (said !== undefined) named = said;
    else if (text.trim() !== "") return columnsOf(text, named === undefined ? separators : [named]);
  }
  throw cannotBe(
    "The first line must name the columns, and one of code, slug, sku or name must be among them.",
  );
}

function columnsOf(header: string, candidates: readonly string[]) {
  const readings = candidates.map((separator) => {
    const titles = cellsOf(header, separator).map(({ text }) => fromCell(text));
    return { separator, titles, columns: parseColumns(titles) };
  });
  const [best] = readings.toSorted(
    (one, other) =>
      Number(typeof one.columns === "string") - Number(typeof other.columns === "string") ||
      other.titles.length - one.titles.length,
  );
  if (!best) throw new Error("No separator was tried.");
  if (typeof best.columns === "string") throw cannotBe(best.columns);
  return { separator: best.separator, columns: best.columns };
}

function cannotBe(why: string): StartError {
  return new StartError(`The file cannot be imported. ${why}`);
}

function entryOf(
  { line, cells, source, fault, isLast }: CsvRow,
  columns: Columns,
  currencyCode: string,
): ImportEntry {
  if (fault !== undefined) return unreadable(line, source, fault);
  if (cells.slice(columns.count).some(({ text }) => text !== ""))
    return unreadable(line, source, "has more cells than there are columns");
  if (isLast && cells.length < columns.count)
    return unreadable(line, source, "is the last line and has too few cells; perhaps the file was cut off");
  const at = (index: number) => cells[index] && fromCell(cells[index].text);
  const named = (list: Columns["options"]) =>
    Object.fromEntries(
      list.flatMap(({ name, index }) => {
        const text = at(index);
        return text === undefined ? [] : [[name, text] as const];
      }),
    );
  const row: Row = {
    find: (column: PlainColumn) => at(columns.plain.get(column) ?? -1),
    attributes: named(columns.attributes),
    options: named(columns.options),
  };
  return { line, source, ...partOfRow(row, currencyCode) };
}
