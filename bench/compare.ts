/**
 * Is this tree as fast as another commit? `node bench/compare.ts COMMIT [--only calls,reads,cart,orders,footprint] [--turns 3] [--small]`
 * measures both in turn on the same machine, so that what else goes on there hits both, and prints the medians beside each other. The
 * other commit is checked out beside this tree and uses its packages.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatTable, type Row } from "./table.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "calls,reads,cart,orders,footprint" },
    turns: { type: "string", default: "3" },
    small: { type: "boolean", default: false },
  },
});
const [commit] = positionals;
if (commit === undefined) throw new Error("Say which commit to compare with: node bench/compare.ts COMMIT.");

const here = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "stoa-before-"));
const there = join(folder, "tree");
execFileSync("git", ["worktree", "add", "--quiet", "--detach", there, commit], { stdio: "inherit" });
try {
  symlinkSync(join(here, "node_modules"), join(there, "node_modules"));
  const before: Figures[] = [];
  const after: Figures[] = [];
  for (let turn = 1; turn <= Number(options.turns); turn += 1) {
    console.log(`Turn ${turn} of ${options.turns}: before …`);
    before.push(await measure(there));
    console.log(`Turn ${turn} of ${options.turns}: after …`);
    after.push(await measure(here));
  }
  console.log(`\n${formatTable(compare(before, after))}\n`);
  console.log(`Medians of ${options.turns} turns. Above 1 × is slower, or more memory, than ${commit}.`);
} finally {
  execFileSync("git", ["worktree", "remove", "--force", there]);
  rmSync(folder, { recursive: true, force: true });
}

/** What a run printed: its figures by their names, without the limits. */
type Figures = ReadonlyMap<string, string>;

async function measure(tree: string): Promise<Figures> {
  const parts = ["bench/run.ts", "--only", options.only, ...(options.small ? ["--small"] : [])];
  const child = spawn(process.execPath, parts, { cwd: tree, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  for await (const chunk of child.stdout) printed += String(chunk);
  const lines = printed.split("\n");
  const from = lines.findIndex((line) => line.startsWith("---"));
  if (from < 0) throw new Error(`The benchmarks in ${tree} printed no table:\n${printed}`);
  const figures = new Map<string, string>();
  for (const line of lines.slice(from + 1)) {
    const [what = "", figure = ""] = line.split(/ {2,}/);
    if (figure !== "" && !figures.has(what)) figures.set(what, figure);
  }
  return figures;
}

function compare(before: readonly Figures[], after: readonly Figures[]): Row[] {
  const names = [...(after[0]?.keys() ?? [])].filter((name) => before[0]?.has(name));
  return names.flatMap((what): Row[] => {
    const [was, is] = [before, after].map((runs) => medianOf(runs.map((run) => run.get(what) ?? "")));
    if (was === undefined || is === undefined) return [];
    const isRate = was.unit.includes("/s");
    const ratio = isRate ? was.value / is.value : is.value / was.value;
    return [{ what, figure: shown(is), limit: `before: ${shown(was)}`, ratio: `${ratio.toFixed(2)} ×` }];
  });
}

interface Figure {
  readonly value: number;
  readonly unit: string;
}

/** The median of figures such as "1,692 µs CPU, p99 55.4 ms", of which the first number counts. */
function medianOf(texts: readonly string[]): Figure | undefined {
  const figures = texts.flatMap((text): Figure[] => {
    const [, number, unit] = /^([\d,.]+) ?([^,]*)/.exec(text) ?? [];
    return number === undefined ? [] : [{ value: Number(number.replaceAll(",", "")), unit: unit ?? "" }];
  });
  return figures.toSorted((a, b) => a.value - b.value)[Math.floor(figures.length / 2)];
}

function shown({ value, unit }: Figure): string {
  return `${value.toLocaleString("en-US")} ${unit}`.trim();
}
