// Texts as cells of a CSV file, in a form that no spreadsheet takes for a formula.

/** What a spreadsheet would take for a formula, and what already has the mark against that. */
const formula = /^'*[=+\-@\t\r]/;

/** A text as a cell: with an apostrophe before what would be a formula, in quotation marks where it must be. */
export function toCell(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]|^\s|\s$|^sep=/i.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The text of a cell whose quotation marks were taken off: what `toCell` was given, again. */
export function fromCell(text: string): string {
  return formula.test(text) && text.startsWith("'") ? text.slice(1) : text;
}

/** One row with its end. */
export function toRow(cells: readonly string[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}
