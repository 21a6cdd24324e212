// The only program: every role of the shop is a word on its command line.
import { existsSync } from "node:fs";
import { systemClock } from "#platform/kit/clock.ts";
import { ConfigError } from "#platform/kit/config.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { CommandContext } from "./commands/command.ts";
import { commands, usage } from "./commands/index.ts";
import { requireKnownSettings } from "./commands/known-settings.ts";
import { loadShop } from "./commands/load-shop.ts";

// Settings may stand in a file beside the shop; the environment beats it.
if (existsSync(".env")) process.loadEnvFile(".env");

const [name = "help", ...args] = process.argv.slice(2);
const stop = new AbortController();
const context: Omit<CommandContext, "shop"> = {
  args,
  environment: process.env,
  stop: stop.signal,
  print: (line) => console.log(line),
};

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

try {
  const command = commands[name];
  if (command) {
    const shop = await loadShop(process.cwd());
    if (!command.anySettings) await requireKnownSettings(shop, context.environment);
    const run = await command.load();
    await run({ ...context, shop });
  } else console.log(usage());
  if (!command && name !== "help") process.exitCode = 2;
} catch (error) {
  const isPlain = error instanceof StartError || error instanceof ConfigError;
  console.error(isPlain ? `\n${error.message}\n` : error);
  process.exitCode = 1;
}
process.exit();
