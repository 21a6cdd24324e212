import type { TextLine } from "./text-lines.ts";

/** A cell as it stands in the file. */
export interface Cell {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** One row of a table, or lines that are none. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly Cell[];
  /** The lines as they stand in the file. */
  readonly source: string;
  readonly fault: string | undefined;
  /** The file ended in the middle of its last line, as far as can be seen. */
  readonly isLast: boolean;
}

const unclosed = "begins a text in quotation marks that does not end";
const rowLengthMax = 128 * 1024;

/** What tells a row from a text over several lines. */
export interface RowShape {
  /** Whether a cell of this column may have several lines. */
  readonly mayBreak: (column: number) => boolean;
  /** Whether these cells of one line are a row by themselves, beyond doubt. */
  readonly isOwnRow: (cells: readonly Cell[]) => boolean;
}

/**
 * The rows of a CSV file. A quotation mark that stands alone costs its line and no other: a text in quotation marks that goes on over lines
 * is believed only when it ends as one, stands where there may be several lines, and when none of its lines is a row by itself.
 */
export async function* csvRows(
  lines: AsyncIterable<TextLine>,
  separator: string,
  shape: RowShape,
): AsyncGenerator<CsvRow> {
  const ahead = new Ahead(lines);
  for (let first = await ahead.at(0); first; first = await ahead.at(0)) {
    const row = await readRow(ahead, first, separator, shape);
    ahead.drop(row.lineCount);
    if (row.isBlank) continue;
    const { cells, source, fault, isLast } = row;
    yield { line: first.number, cells, source, fault, isLast };
  }
}

interface ReadRow extends Omit<CsvRow, "line"> {
  readonly lineCount: number;
  readonly isBlank: boolean;
}

async function readRow(
  ahead: Ahead,
  first: TextLine,
  separator: string,
  { mayBreak, isOwnRow }: RowShape,
): Promise<ReadRow> {
  const bad = (fault: string): ReadRow => {
    return { cells: [], source: first.text, fault, isLast: first.end === "", lineCount: 1, isBlank: false };
  };
  if (first.fault !== undefined) return bad(first.fault);
  const row = new RowReader(separator);
  let source = first.text;
  let [lineCount, end] = [1, first.end];
  const inner: string[] = [];
  row.read(first.text);
  while (row.isOpen) {
    const next = await ahead.at(lineCount);
    if (!next || next.fault !== undefined || source.length > rowLengthMax) return bad(unclosed);
    row.read(next.text, end);
    source += end + next.text;
    lineCount += 1;
    if (row.isWrong) return bad(unclosed);
    if (row.isOpen) inner.push(next.text);
    end = next.end;
  }
  if (inner.some((text) => isOwnRow(cellsOf(text, separator)))) return bad(unclosed);
  if (row.cells.some(({ text }, column) => /[\r\n]/.test(text.trim()) && !mayBreak(column)))
    return bad(unclosed);
  const isBlank = row.cells.every(({ text, isQuoted }) => !isQuoted && text.trim() === "");
  return { cells: row.cells, source, fault: undefined, isLast: end === "", lineCount, isBlank };
}

/** The cells of a line that is looked at alone; none when it is no whole row. */
export function cellsOf(text: string, separator: string): readonly Cell[] {
  const row = new RowReader(separator);
  row.read(text);
  return row.isOpen ? [] : row.cells;
}

/** Lines that were read before it was their turn. */
class Ahead {
  readonly #lines: AsyncIterator<TextLine>;
  readonly #waiting: TextLine[] = [];

  constructor(lines: AsyncIterable<TextLine>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async at(index: number): Promise<TextLine | undefined> {
    while (this.#waiting.length <= index) {
      const next = await this.#lines.next();
      if (next.done) return undefined;
      this.#waiting.push(next.value);
    }
    return this.#waiting[index];
  }

  drop(count: number): void {
    this.#waiting.splice(0, count);
  }
}

/** Takes one line after the other until the row is whole. */
class RowReader {
  readonly cells: Cell[] = [];
  /** A text in quotation marks goes on in the next line. */
  isOpen = false;
  /** A text over several lines did not end as one. */
  isWrong = false;
  readonly #separator: string;
  #text = "";

  constructor(separator: string) {
    this.#separator = separator;
  }

  read(line: string, endBefore = ""): void {
    const isFurther = this.isOpen;
    let at = 0;
    if (isFurther) {
      this.#text += endBefore;
      const after = this.#inside(line, 0);
      if (after === undefined) {
        this.isWrong = !this.isOpen;
        return;
      }
      at = after;
    }
    while (at <= line.length) {
      const next = this.#cell(line, at);
      if (next === undefined) return;
      at = next;
    }
  }

  /** Reads the cell that begins there; where the next one begins, or undefined when the line is over in the middle of it. */
  #cell(line: string, from: number): number | undefined {
    const begin = line.slice(from).search(/[^ ]/);
    if (begin >= 0 && line[from + begin] === '"') {
      this.#text = "";
      const after = this.#inside(line, from + begin + 1);
      if (after !== undefined || this.isOpen) return after;
    }
    const end = line.indexOf(this.#separator, from);
    const text = end < 0 ? line.slice(from) : line.slice(from, end);
    this.cells.push({ text: text.trim(), isQuoted: false });
    return end < 0 ? line.length + 1 : end + 1;
  }

  /** Goes on in quotation marks. Where the next cell begins; undefined when the text is open at the end of the line, or is none. */
  #inside(line: string, from: number): number | undefined {
    this.isOpen = true;
    let at = from;
    for (;;) {
      const mark = line.indexOf('"', at);
      if (mark < 0) {
        this.#text += line.slice(at);
        return undefined;
      }
      this.#text += line.slice(at, mark);
      if (line[mark + 1] === '"') {
        this.#text += '"';
        at = mark + 2;
        continue;
      }
      const rest = /^[ \t]*/.exec(line.slice(mark + 1))?.[0].length ?? 0;
      const isTab = this.#separator === "\t";
      const behind = mark + 1 + (isTab ? 0 : rest);
      this.isOpen = false;
      if (behind < line.length && line[behind] !== this.#separator) return undefined;
      this.cells.push({ text: this.#text, isQuoted: true });
      return behind + 1;
    }
  }
}
