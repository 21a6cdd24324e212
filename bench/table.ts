/** One line of the table: what was measured, how much it is, and how that stands to a limit measured in the same run. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly limit: string;
  readonly ratio: string;
}

/** The table as text, with columns as wide as their widest cell. */
export function formatTable(rows: readonly Row[]): string {
  const head: Row = { what: "what", figure: "figure", limit: "limit in the same run", ratio: "ratio" };
  const columns = ["what", "figure", "limit", "ratio"] as const;
  const widths = columns.map((column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row: Row) =>
    columns
      .map((column, index) => row[column].padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Three significant digits are more than any of these measurements is worth. */
export function figure(value: number, unit: string): string {
  const text =
    value >= 100
      ? Math.round(value).toLocaleString("en")
      : String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
  return `${text} ${unit}`.trim();
}

/** A cost: so many times the limit. */
export function times(ratio: number): string {
  return `${figure(ratio, "")} ×`;
}

/** A rate: so much of the limit. */
export function share(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
