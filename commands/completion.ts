// What lets a shell complete the command line: made from the table of commands, so that it knows all of them.
import {
  programRoles,
  type ArgumentDeclaration,
  type CommandContext,
  type CommandDeclaration,
} from "./command.ts";
import { commonOptions, isGroup } from "./command-line.ts";
import { commands } from "./index.ts";

/** `completion bash|zsh|fish`: prints the script for that shell. */
export function completion({ args, shop, print }: CommandContext): Promise<void> {
  const services = shop.services.map(({ name }) => name);
  const lines = linesOf(services);
  const [shell] = args;
  print(shell === "fish" ? fish(lines) : shell === "zsh" ? zsh(lines) : bash(lines));
  return Promise.resolve();
}

/** What can stand behind these words. */
interface Line {
  readonly path: string;
  readonly words: readonly string[];
  readonly files: "none" | "file" | "folder";
}

function linesOf(services: readonly string[]): Line[] {
  const lines: Line[] = [
    { path: "", words: [...Object.keys(commands), "help", "--help", "--version"], files: "none" },
    { path: "help", words: Object.keys(commands), files: "none" },
  ];
  for (const [name, entry] of Object.entries(commands)) {
    if (!isGroup(entry)) {
      lines.push(lineOf(name, entry, services));
      continue;
    }
    lines.push({ path: name, words: [...Object.keys(entry.commands), "--help"], files: "none" });
    for (const [verb, command] of Object.entries(entry.commands))
      lines.push(lineOf(`${name} ${verb}`, command, services));
  }
  return lines;
}

function lineOf(path: string, command: CommandDeclaration, services: readonly string[]): Line {
  const options = Object.keys({ ...command.options, ...commonOptions }).map((name) => `--${name}`);
  const choices = Object.values(command.options ?? {}).flatMap((option) => option.choices ?? []);
  const words = (command.arguments ?? []).flatMap((argument) => wordsOf(argument, services));
  const [first] = (command.arguments ?? []).flatMap(({ completes }) =>
    completes === "file" || completes === "folder" ? [completes] : [],
  );
  return { path, words: [...words, ...choices, ...options], files: first ?? "none" };
}

function wordsOf({ choices, completes }: ArgumentDeclaration, services: readonly string[]): string[] {
  if (completes === "service") return [...services];
  if (completes === "role") return [...programRoles, ...services];
  return [...(choices ?? [])];
}

/** The words before the cursor that are no options, shortest first: the longest that is known decides. */
function bash(lines: readonly Line[]): string {
  return `# bash completion for stoa. Made by: stoa completion bash
_stoa() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && continue
    case "\${path:+$path }$word" in
${cases(lines, ({ path }) => `path="${path}"`)}
    esac
  done
  case "$path" in
${cases(lines, ({ words, files }) => `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))${bashFiles(files)}`, true)}
  esac
}
complete -o filenames -F _stoa stoa`;
}

function bashFiles(files: Line["files"]): string {
  if (files === "none") return "";
  return `; COMPREPLY+=($(compgen -${files === "file" ? "f" : "d"} -- "$current"))`;
}

function zsh(lines: readonly Line[]): string {
  return `#compdef stoa
# zsh completion for stoa. Made by: stoa completion zsh
_stoa() {
  local path_="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && continue
    case "\${path_:+$path_ }$word" in
${cases(lines, ({ path }) => `path_="${path}"`)}
    esac
  done
  case "$path_" in
${cases(lines, ({ words, files }) => `compadd -- ${words.join(" ")}${zshFiles(files)}`, true)}
  esac
}
if [[ "\${funcstack[1]}" == _stoa ]]; then _stoa "$@"; else compdef _stoa stoa; fi`;
}

function zshFiles(files: Line["files"]): string {
  if (files === "none") return "";
  return `; _files${files === "folder" ? " -/" : ""}`;
}

function fish(lines: readonly Line[]): string {
  const body = lines.map(({ path, words, files }) => {
    const offer = `printf '%s\\n' ${words.join(" ")}`;
    const more = files === "none" ? "" : `; __fish_complete_path (commandline -ct)`;
    return `    case '${path}'\n      ${offer}${more}`;
  });
  return `# fish completion for stoa. Made by: stoa completion fish
function __stoa_words
  set -l path ''
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    set -l longer (string trim -- "$path $word")
    contains -- $longer ${lines.map(({ path }) => `'${path}'`).join(" ")}; and set path $longer
  end
  switch $path
${body.join("\n")}
  end
end
complete -c stoa -f -a '(__stoa_words)'`;
}

function cases(lines: readonly Line[], say: (line: Line) => string, withRoot = false): string {
  return lines
    .filter(({ path }) => withRoot || path !== "")
    .map((line) => `    "${line.path}") ${say(line)} ;;`)
    .join("\n");
}
