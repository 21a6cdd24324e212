// The only program: every role of the shop is a word on its command line.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { readCommandLine, type Asked } from "./commands/command-line.ts";
import type { CommandContext } from "./commands/command.ts";
import { exitCodeOf, failureText } from "./commands/failure.ts";
import { helpOf } from "./commands/help.ts";
import { commands } from "./commands/index.ts";
import { requireKnownSettings } from "./commands/known-settings.ts";
import { loadShop } from "./commands/load-shop.ts";
import { paintFor } from "./commands/paint.ts";
import { withSettingsFromFiles } from "./commands/settings-from-files.ts";

const stop = new AbortController();

// A signal begins the drain. Ctrl-C may arrive twice at once (from the terminal and from the launcher); pressing it again
// after a moment ends the program without waiting.
let interruptedMs = Number.POSITIVE_INFINITY;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    const nowMs = systemClock.monotonicMs();
    if (signal === "SIGINT" && nowMs - interruptedMs > 1_000) process.exit(1);
    interruptedMs = Math.min(interruptedMs, nowMs);
    stop.abort();
  });
}

process.on("unhandledRejection", (reason) => {
  console.error(
    "A failure nobody waited for ends this process; it drains and should be started again.",
    reason,
  );
  process.exitCode = 1;
  stop.abort();
});

// Whoever reads only the beginning of an answer (`| head`) has closed the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
});

try {
  await obey(readCommandLine(commands, process.argv.slice(2)));
} catch (error) {
  console.error(failureText(error, stop.signal.aborted, paintFor(process.stderr, process.env)));
  process.exitCode = exitCodeOf(error);
}
process.exit();

async function obey(asked: Asked): Promise<void> {
  const paint = paintFor(process.stdout, process.env);
  if (asked.kind === "help") return console.log(helpOf(commands, asked.path, paint));
  if (asked.kind === "version") return console.log(`stoa ${version()} (Node.js ${process.versions.node})`);
  loadSettingsFile(".env");
  const { command, args, options } = asked;
  const print = (line: string) => console.log(line);
  const context: Omit<CommandContext, "shop" | "environment"> = {
    args,
    options,
    stop: stop.signal,
    print,
    note: options["json"] ? (line) => console.error(line) : print,
    paint,
    ask: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
  };
  const shop = await loadShop(process.cwd());
  const environment = await withSettingsFromFiles(shop, process.env);
  if (!command.anySettings) await requireKnownSettings(shop, environment);
  const run = await command.load();
  await run({ ...context, environment, shop });
}

/** Settings may stand in a file beside the shop; the environment beats it. */
function loadSettingsFile(path: string): void {
  if (!existsSync(path)) return;
  try {
    process.loadEnvFile(path);
  } catch (error) {
    throw new StartError(`The file ${resolve(path)} cannot be read as settings, lines of NAME=value.`, {
      cause: error,
    });
  }
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: stop.signal });
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    terminal.close();
  }
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL("./package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
}
