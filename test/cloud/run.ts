/** `node test/cloud/run.ts [file…]`: the tests of Terraform and of the pipelines. Ends with the counts and what was skipped. */
import { globSync } from "node:fs";
import { relative, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { countTests, summarise } from "../../tools/test-summary.ts";

const root = resolve(import.meta.dirname, "../..");
const named = process.argv.slice(2).map((file) => resolve(file));
const files = named.length > 0 ? named : globSync(`${import.meta.dirname}/*.outside.ts`).sort();
const stream = run({ files, cwd: root, concurrency: 2, timeout: 180_000 });
const counts = countTests(stream, (file) => relative(root, file));
for await (const chunk of stream.compose(new spec())) process.stdout.write(chunk);
process.stdout.write(summarise(counts));
if (counts.failed.length > 0 || counts.passed === 0) process.exitCode = 1;
