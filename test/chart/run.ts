/** `node test/chart/run.ts [file…]`: the tests of the chart, which need helm. Ends with the counts and what was skipped. */
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { countTests, summarise } from "../../tools/test-summary.ts";

const root = resolve(import.meta.dirname, "../..");
const named = process.argv.slice(2).map((file) => resolve(file));
const files = named.length > 0 ? named : globSync(`${import.meta.dirname}/*.outside.ts`).sort();
const renderings = mkdtempSync(join(tmpdir(), "stoa-renderings-"));
process.env["CHART_RENDERINGS"] = renderings;
const stream = run({ files, cwd: root, concurrency: 2, timeout: 180_000 });
const counts = countTests(stream, (file) => relative(root, file));
for await (const chunk of stream.compose(new spec())) process.stdout.write(chunk);
rmSync(renderings, { recursive: true });
process.stdout.write(summarise(counts));
if (counts.failed.length > 0 || counts.passed === 0) process.exitCode = 1;
