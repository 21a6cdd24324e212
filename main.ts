// The only program: every role of the shop is a word on its command line.
import { ConfigError } from "#platform/config.ts";
import { StartError } from "#platform/start-error.ts";
import { commands, usage, type CommandContext } from "./commands/index.ts";

const [name = "help", ...args] = process.argv.slice(2);
const stop = new AbortController();
const context: CommandContext = {
  args,
  environment: process.env,
  stop: stop.signal,
  print: (line) => console.log(line),
};

// The first signal drains; a second one, from someone in a hurry, ends at once.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1);
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
  if (command) await (await command.load())(context);
  else console.log(usage());
  if (!command && name !== "help") process.exitCode = 2;
} catch (error) {
  const isPlain = error instanceof StartError || error instanceof ConfigError;
  console.error(isPlain ? `\n${error.message}\n` : error);
  process.exitCode = 1;
}
process.exit();
