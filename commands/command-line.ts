// What the words of a command line ask for. Nothing runs before all of them are understood.
import type {
  ArgumentDeclaration,
  CommandDeclaration,
  CommandGroup,
  CommandTable,
  Options,
  OptionDeclaration,
} from "./command.ts";
import { UsageError, unknownWord } from "./usage-error.ts";

export type Asked =
  | { readonly kind: "help"; readonly path: readonly string[] }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      readonly path: readonly string[];
      readonly command: CommandDeclaration;
      readonly args: readonly string[];
      readonly options: Options;
    };

/** Options that every command takes. */
export const commonOptions: { readonly [name: string]: OptionDeclaration } = {
  help: { doc: "Shows this and does nothing." },
};

/** Understands the words behind `stoa`. Throws a UsageError that names what is wrong and what was likely meant. */
export function readCommandLine(table: CommandTable, words: readonly string[]): Asked {
  const end = words.indexOf("--");
  const before = end === -1 ? words : words.slice(0, end);
  const isHelp = before.some((word) => word === "--help" || word === "-h");
  const plain = before.filter((word) => !word.startsWith("-"));
  if (plain.length === 0 && isHelp) return { kind: "help", path: [] };
  if (before[0] === "--version" || before[0] === "-V") return { kind: "version" };
  if (before[0] === undefined && end === -1) return { kind: "help", path: [] };
  if (before[0] === "help") return { kind: "help", path: helpPath(table, plain.slice(1)) };
  if (isHelp) return { kind: "help", path: helpPath(table, plain) };
  const { path, command } = findCommand(table, words);
  return { kind: "run", path, command, ...readWords(path, command, words.slice(path.length)) };
}

/** The command that the first words name; what stands behind it is not looked at. */
function helpPath(table: CommandTable, words: readonly string[]): string[] {
  const [name, verb] = words;
  if (name === undefined) return [];
  const entry = entryOf(table, name);
  if (isGroup(entry) && verb !== undefined) return [name, verbOf(name, entry, verb).verb];
  return [name];
}

function findCommand(
  table: CommandTable,
  words: readonly string[],
): { path: string[]; command: CommandDeclaration } {
  const [name = "", verb] = words;
  if (name.startsWith("-"))
    throw new UsageError(`${name} stands before any command. Say the command first, such as: check --json.`);
  const entry = entryOf(table, name);
  if (!isGroup(entry)) return { path: [name], command: entry };
  const names = Object.keys(entry.commands);
  if (verb === undefined || verb.startsWith("-"))
    throw new UsageError(
      `${name} wants to know what to do: ${names.map((one) => `${name} ${one}`).join(", ")}.`,
    );
  const found = verbOf(name, entry, verb);
  return { path: [name, found.verb], command: found.command };
}

function entryOf(table: CommandTable, name: string): CommandDeclaration | CommandGroup {
  const entry = Object.hasOwn(table, name) ? table[name] : undefined;
  if (entry) return entry;
  throw unknownWord(`There is no command "${name}".`, name, [...Object.keys(table), "help"]);
}

function verbOf(name: string, { commands }: CommandGroup, verb: string) {
  const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (command) return { verb, command };
  throw unknownWord(
    `There is no command "${name} ${verb}".`,
    `${name} ${verb}`,
    Object.keys(commands).map((one) => `${name} ${one}`),
  );
}

export function isGroup(entry: CommandDeclaration | CommandGroup): entry is CommandGroup {
  return "commands" in entry;
}

function readWords(
  path: readonly string[],
  command: CommandDeclaration,
  words: readonly string[],
): { args: string[]; options: Options } {
  const args: string[] = [];
  const options: Record<string, string | true> = {};
  let areOptionsOver = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (areOptionsOver || word === "-" || !word.startsWith("-")) args.push(word);
    else if (word === "--") areOptionsOver = true;
    else {
      const { name, value, takesNext } = readOption(path, command, word, words[at + 1]);
      if (Object.hasOwn(options, name)) throw new UsageError(`--${name} is said twice.`);
      options[name] = value;
      if (takesNext) at += 1;
    }
  }
  requireArguments(path, command.arguments ?? [], args);
  return { args, options };
}

function readOption(
  path: readonly string[],
  command: CommandDeclaration,
  word: string,
  next: string | undefined,
): { name: string; value: string | true; takesNext: boolean } {
  const [, name = "", said] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const known = { ...command.options, ...commonOptions };
  const declared = word.startsWith("--") && Object.hasOwn(known, name) ? known[name] : undefined;
  if (declared === undefined)
    throw unknownWord(
      `${path.join(" ")} has no option ${word.split("=")[0]}.`,
      `--${name}`,
      Object.keys(known).map((one) => `--${one}`),
    );
  if (declared.value === undefined) {
    if (said === undefined) return { name, value: true, takesNext: false };
    throw new UsageError(`--${name} takes no value, but "${said}" was given.`);
  }
  const value = said ?? (next?.startsWith("-") ? undefined : next);
  const wanted = declared.choices?.join(", ") ?? declared.value;
  if (value === undefined || value === "")
    throw new UsageError(`--${name} wants a value behind it: ${wanted}.`);
  if (declared.choices && !declared.choices.includes(value))
    throw unknownWord(`--${name} cannot be "${value}".`, value, declared.choices);
  return { name, value, takesNext: said === undefined };
}

function requireArguments(
  path: readonly string[],
  declared: readonly ArgumentDeclaration[],
  args: readonly string[],
): void {
  const command = path.join(" ");
  const missing = declared.slice(args.length).filter(({ isOptional }) => !isOptional);
  if (missing.length > 0)
    throw new UsageError(
      `${command} wants ${missing.map(({ name, doc }) => `<${name}>: ${doc}`).join("; ")}.`,
    );
  const [extra] = args.slice(declared.length);
  if (extra !== undefined) {
    const takes = declared.map(({ name }) => `<${name}>`).join(" ");
    throw new UsageError(
      `${command} takes ${takes === "" ? "nothing" : `no more than ${takes}`} behind it, but there is "${extra}".`,
    );
  }
  for (const [at, { name, choices }] of declared.entries()) {
    const said = args[at];
    if (said === undefined || choices === undefined || choices.includes(said)) continue;
    throw unknownWord(`<${name}> of ${command} cannot be "${said}".`, said, choices);
  }
}
