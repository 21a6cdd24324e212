/** Writes the README of the chart below a folder: what it is, and every value with its default and its comment in values.yaml. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "prettier";
import { isMap, isPair, isScalar, parseDocument, type Pair, type YAMLMap } from "yaml";

const chart = "deploy/helm/stoa";

interface Row {
  readonly path: string;
  readonly value: unknown;
  readonly doc: string;
}

/** Values of one part, such as `image`: a row for each, unless a comment explains several of them at once. */
export function rowsOf(path: string, pair: Pair, comment: string): Row[] {
  const { value } = pair;
  const doc = docIn(comment);
  const isExplained = doc !== "" || !isMap(value) || value.items.length === 0 || value.flow === true;
  if (isExplained) return [{ path, value: valueIn(pair), doc }];
  return pairsOf(value).flatMap((one) => rowsOf(`${path}.${one.name}`, one.pair, one.comment));
}

/** The pairs of a map with their names, and the comments above them. */
export function pairsOf(map: YAMLMap): { name: string; pair: Pair; comment: string }[] {
  return map.items.flatMap((pair, index) => {
    if (!isPair(pair) || !isScalar(pair.key)) return [];
    // The comment above the first pair belongs to the map.
    const above = index === 0 ? (map.commentBefore ?? "") : "";
    return [{ name: String(pair.key.value), pair, comment: `${above}\n${pair.key.commentBefore ?? ""}` }];
  });
}

/** What stands behind "--", until a line that begins anew. */
function docIn(comment: string): string {
  const [, text = ""] = /(?:^|\n) ?-- ([\s\S]*)$/.exec(comment) ?? [];
  return text.replaceAll(/\s*\n\s*/g, " ").trim();
}

/** The paragraph above a part: lines without "--". */
function introductionIn(comment: string): string {
  const lines = comment.split("\n").map((line) => line.trim());
  const end = lines.findIndex((line) => line.startsWith("-- "));
  return (end === -1 ? lines : lines.slice(0, end))
    .filter((line) => line !== "" && !line.startsWith("----") && !line.startsWith("Values of the chart"))
    .join(" ");
}

function valueIn({ value }: Pair): unknown {
  return isMap(value) || isScalar(value) || value === null
    ? (value?.toJSON() as unknown)
    : ((value as { toJSON?: () => unknown }).toJSON?.() as unknown);
}

function tableOf(rows: readonly Row[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return [
    "| value | default | meaning |",
    "| --- | --- | --- |",
    ...rows.map(
      ({ path, value, doc }) => `| \`${path}\` | \`${cell(JSON.stringify(value ?? null))}\` | ${cell(doc)} |`,
    ),
  ].join("\n");
}

/** The parts of values.yaml in their order: a table for each block, one for the values that stand alone. */
export function readmeOf(introduction: string, values: string): string {
  const { contents } = parseDocument(values);
  if (!isMap(contents)) throw new Error("values.yaml has no values.");
  const parts: string[] = [];
  let alone: Row[] = [];
  const closeAlone = () => {
    if (alone.length > 0) parts.push(tableOf(alone));
    alone = [];
  };
  for (const { name, pair, comment } of pairsOf(contents)) {
    const rows = rowsOf(name, pair, comment);
    const [only] = rows;
    if (rows.length === 1 && only?.path === name) {
      alone.push(only);
      continue;
    }
    closeAlone();
    const isServices = name === "services";
    const body = isServices ? servicesOf(pair) : tableOf(rows);
    parts.push([`### ${name}`, introductionIn(comment), body].filter(Boolean).join("\n\n"));
  }
  closeAlone();
  return `${introduction.trim()}\n\n## Values\n\n${parts.join("\n\n")}\n`;
}

/** Of the services only what is theirs: their fields are those of `defaults`. */
function servicesOf({ value }: Pair): string {
  if (!isMap(value)) return "";
  const rows = pairsOf(value).flatMap(({ name, pair, comment }) =>
    isMap(pair.value)
      ? pairsOf(pair.value).flatMap((own) => rowsOf(`services.${name}.${own.name}`, own.pair, own.comment))
      : rowsOf(`services.${name}`, pair, comment),
  );
  return tableOf(rows);
}

if (import.meta.main) {
  const folder = process.argv[2] ?? ".";
  const path = join(folder, chart, "README.md");
  const text = readmeOf(
    readFileSync(join(chart, "files/introduction.md"), "utf8"),
    readFileSync(join(chart, "values.yaml"), "utf8"),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await format(text, { parser: "markdown", printWidth: 110 }));
}
