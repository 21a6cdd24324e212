/**
 * Runs the tests (all *.test.ts files, or those under the paths given) against one PostgreSQL started for them.
 * Ends with the counts and the skipped tests with their reasons; the exit code is 0 only when none failed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, relative, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { startEmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { countTests, summarise } from "./test-summary.ts";

/** Where it is called: the repository, or a project that has the shop as a package. */
const root = process.cwd();
const compileAll = join(import.meta.dirname, `compile-all${extname(import.meta.filename)}`);
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopped.abort());

const files = findTestFiles(process.argv.slice(2));
if (files.length === 0) {
  console.error(`No test file (*.test.ts) was found under ${process.argv.slice(2).join(", ") || root}.`);
  process.exit(1);
}
const dataDir = mkdtempSync(join(tmpdir(), "stoa-test-"));
// Every file is a process of its own, and many start shops: all read what is compiled here once.
process.env["NODE_COMPILE_CACHE"] = join(dataDir, "compiled");
const compiled = once(spawn(process.execPath, [compileAll], { stdio: "inherit" }), "exit");
const log = { info: () => undefined, error: (message: string) => console.error(message) };
const postgres = await startEmbeddedPostgres({ dataDir, log, fsync: false });
try {
  await compiled;
  process.env["TEST_DATABASE_URL"] = postgres.adminUrl;
  const counts = await runTests(files);
  process.stdout.write(summarise(counts));
  process.exitCode = counts.failed.length > 0 || counts.passed === 0 || stopped.signal.aborted ? 1 : 0;
} finally {
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function findTestFiles(paths: string[]): string[] {
  const places = paths.length > 0 ? paths : [root];
  const found = places.flatMap((path) => {
    const place = resolve(path);
    if (statSync(place, { throwIfNoEntry: false })?.isFile()) return [place];
    return globSync("**/*.test.ts", { cwd: place, exclude: (name) => name.includes("node_modules") }).map(
      (file) => resolve(place, file),
    );
  });
  return [...new Set(found)].sort();
}

async function runTests(files: string[]) {
  // Much of a test is waiting, so three fill two processors; more would want more connections than the one server has.
  const stream = run({ files, cwd: root, concurrency: 3, signal: stopped.signal, timeout: 300_000 });
  const counts = countTests(stream, (file) => relative(root, file));
  for await (const chunk of stream.compose(new spec())) process.stdout.write(chunk);
  return counts;
}
