// What people are told about the command line.
import type { CommandDeclaration, CommandTable } from "./command.ts";
import { commonOptions, isGroup } from "./command-line.ts";
import type { Paint } from "./paint.ts";

/** Help of everything, of the commands under one word, or of one command. */
export function helpOf(table: CommandTable, path: readonly string[], paint: Paint): string {
  const [name = "", verb = ""] = path;
  const entry = table[name];
  if (entry === undefined) return overview(table, paint);
  if (!isGroup(entry)) return helpOfCommand([name], entry, paint);
  const command = entry.commands[verb];
  if (command) return helpOfCommand([name, verb], command, paint);
  const commands = Object.entries(entry.commands);
  return [
    `${entry.doc}.`,
    "",
    paint("bold", "Commands"),
    ...rows(commands.map(([one, declared]) => [usageOf([name, one], declared), `${declared.doc}.`])),
    "",
    paint("bold", "Examples"),
    ...rows(commands.flatMap(([, { examples }]) => examples.slice(0, 1).map(exampleRow))),
    "",
  ].join("\n");
}

function overview(table: CommandTable, paint: Paint): string {
  const commands = Object.entries(table).flatMap(([name, entry]): [string[], CommandDeclaration][] =>
    isGroup(entry)
      ? Object.entries(entry.commands).map(([verb, one]) => [[name, verb], one])
      : [[[name], entry]],
  );
  return [
    "Stoa, a shop in one program.",
    "",
    paint("bold", "Commands"),
    ...rows(commands.map(([path, one]) => [usageOf(path, one), `${one.doc}.`])),
    "",
    paint("bold", "Everywhere"),
    ...rows([
      ["--help, -h", "Shows help of the command it stands beside, with examples, and does nothing."],
      ["--version, -V", "Says which Stoa this is."],
    ]),
    "",
    paint("bold", "Examples"),
    ...rows([
      ["stoa serve all", "The whole shop in this terminal, with a database of its own."],
      ["stoa help import", "All about one command."],
    ]),
    "",
    "Settings are environment variables, or lines of a file .env in this folder: docs/reference/config.md.",
    "",
  ].join("\n");
}

function helpOfCommand(path: readonly string[], command: CommandDeclaration, paint: Paint): string {
  const options = Object.entries({ ...command.options, ...commonOptions });
  const parts: string[] = [`${command.doc}.`, ""];
  if (command.more) parts.push(...command.more, "");
  parts.push(paint("bold", "Usage"), `  stoa ${usageOf(path, command)}`, "");
  const words = command.arguments ?? [];
  if (words.length > 0)
    parts.push(
      paint("bold", "Words"),
      ...rows(words.map(({ name, doc, choices }) => [`<${name}>`, sentence(doc, choices)])),
      "",
    );
  parts.push(
    paint("bold", "Options"),
    ...rows(options.map(([name, { value, doc, choices }]) => [spelt(name, value), sentence(doc, choices)])),
    "",
    paint("bold", "Examples"),
    ...rows(command.examples.map(exampleRow)),
    "",
  );
  return parts.join("\n");
}

/** `admin create <email> [--reset-password]`. */
export function usageOf(path: readonly string[], command: CommandDeclaration): string {
  const words = (command.arguments ?? []).map(({ name, isOptional }) =>
    isOptional ? `[${name}]` : `<${name}>`,
  );
  const options = Object.entries(command.options ?? {}).map(([name, { value }]) =>
    value === undefined ? `[--${name}]` : `[--${name} <${value}>]`,
  );
  return [...path, ...words, ...options].join(" ");
}

function spelt(name: string, value: string | undefined): string {
  if (name === "help") return "--help, -h";
  return value === undefined ? `--${name}` : `--${name} <${value}>`;
}

function sentence(doc: string, choices: readonly string[] | undefined): string {
  const said = `${doc.charAt(0).toUpperCase()}${doc.slice(1)}${doc.endsWith(".") ? "" : "."}`;
  return choices ? `${said} One of: ${choices.join(", ")}.` : said;
}

function exampleRow([words, does]: readonly [string, string]): [string, string] {
  return [`stoa ${words}`, `${does}.`];
}

const columnMax = 44;

/** Two columns; where the left one is long, the right one stands below it. */
function rows(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(columnMax, Math.max(...pairs.map(([left]) => left.length)));
  return pairs.flatMap(([left, right]) =>
    left.length > width
      ? [`  ${left}`, `  ${" ".repeat(width)}  ${right}`]
      : [`  ${left.padEnd(width)}  ${right}`],
  );
}
