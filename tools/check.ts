/** `npm run check`: everything that can be known without a database, in seconds. All failures are shown, not the first. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";

type Check = { name: string; command: string[]; remedy?: string };
type Outcome = { check: Check; passed: boolean; output: string; seconds: number };

/** The slow ones first: they run beside the quick ones. */
const checks: Check[] = [
  {
    name: "format",
    command: ["prettier", "--check", "--cache", "--cache-strategy", "content", "--log-level", "warn", "."],
    remedy: "Run npm run format.",
  },
  { name: "generated", command: ["node", "tools/generate.ts", "--check"] },
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "lint", command: ["oxlint", "--quiet"] },
  { name: "boundaries", command: ["node", "tools/check-boundaries.ts"] },
  { name: "messages", command: ["node", "tools/check-messages.ts"] },
  { name: "migrations", command: ["node", "tools/check-migrations.ts"] },
  { name: "documents", command: ["node", "tools/check-doc-refs.ts"] },
  { name: "lock file", command: ["node", "tools/check-lockfile.ts"] },
];

async function runCheck(check: Check): Promise<Outcome> {
  const [program = "", ...args] = check.command;
  const startedAt = performance.now();
  const path = [join(process.cwd(), "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(program, args, {
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exit = Promise.withResolvers<boolean>();
  child.on("error", (error) => {
    chunks.push(Buffer.from(`${program} cannot be started (${error.message}). Run npm ci first.`));
    exit.resolve(false);
  });
  child.on("close", (code) => exit.resolve(code === 0));
  const passed = await exit.promise;
  const seconds = (performance.now() - startedAt) / 1000;
  return { check, passed, output: Buffer.concat(chunks).toString("utf8").trim(), seconds };
}

function report({ check, passed, output, seconds }: Outcome): void {
  console.log(`${passed ? "ok    " : "FAILED"} ${check.name.padEnd(12)} ${seconds.toFixed(1)} s`);
  if (passed) return;
  const words = [output, check.remedy].filter(Boolean).join("\n");
  console.log(words.replace(/^/gm, "    "));
}

/** Runs as many at a time as there are processors and reports each one when it ends. */
async function runAll(): Promise<Outcome[]> {
  const waiting = [...checks];
  const outcomes: Outcome[] = [];
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const outcome = await runCheck(check);
      report(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return outcomes;
}

if (!existsSync("package.json")) throw new Error("Run npm run check in the root folder of the repository.");
const startedAt = performance.now();
const failed = (await runAll()).filter(({ passed }) => !passed).map(({ check }) => check.name);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  failed.length === 0 ? `All clean in ${seconds} s.` : `Failed: ${failed.join(", ")} (${seconds} s).`,
);
if (failed.length > 0) process.exitCode = 1;
