/** Texts for people stand in message files: every key is shown somewhere, every place is filled, every language is whole, and no view has words of its own. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Node } from "oxc-parser";
import { messagePlaces } from "#platform/kit/messages.ts";
import { lineAt, listRepositoryFiles, readSource, type SourceFile } from "./source-file.ts";

export type Texts = { readonly [key: string]: string };

/** The message files of one service or extension, by language, and the files that show them. */
export interface MessageRoom {
  /** Folder of the message files. */
  readonly folder: string;
  readonly languages: { readonly [language: string]: Texts };
  readonly sources: readonly SourceFile[];
}

/** What is wrong, one line per place. */
export function checkMessages({ folder, languages, sources }: MessageRoom): string[] {
  const english = languages["en"] ?? {};
  const uses = sources.flatMap(usesIn);
  return [
    ...Object.entries(languages).flatMap(([language, texts]) =>
      checkLanguage(`${folder}/${language}.json`, texts, english),
    ),
    ...uses.flatMap((use) => checkUse(use, english)),
    ...unusedKeys(english, uses, sources).map((key) => `${folder}/en.json: "${key}" is shown nowhere.`),
    ...sources.flatMap(wordsInViews),
  ];
}

function checkLanguage(path: string, texts: Texts, english: Texts): string[] {
  const missing = Object.keys(english).filter((key) => !(key in texts));
  const broken = Object.entries(texts).flatMap(([key, text]) => {
    const known = english[key];
    if (known === undefined) return [`${path}: "${key}" is no key of the English file.`];
    try {
      const [wanted, found] = [messagePlaces(known).join(", "), messagePlaces(text).join(", ")];
      return wanted === found ? [] : [`${path}: "${key}" has the places (${found}), in English (${wanted}).`];
    } catch (error) {
      return [`${path}: "${key}" is not ICU MessageFormat: ${(error as Error).message}.`];
    }
  });
  return [...missing.map((key) => `${path}: "${key}" is missing.`), ...broken];
}

/** One call of `words.text`, `words.rich` or `words.find`. */
interface Use {
  readonly where: string;
  /** Keys it may name; a part that is known at run time only matches anything. */
  readonly patterns: readonly RegExp[];
  readonly shown: string;
  /** Names of the values it is given; undefined when they come from elsewhere. */
  readonly places: readonly string[] | undefined;
}

function usesIn(source: SourceFile): Use[] {
  return source.nodes.flatMap((node): Use[] => {
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return [];
    const { object, property } = node.callee;
    const isOnWords =
      nameOf(object) === "words" ||
      (object.type === "MemberExpression" && nameOf(object.property) === "words");
    if (!isOnWords || !["text", "rich", "find"].includes(nameOf(property) ?? "")) return [];
    const [key, values] = node.arguments;
    const patterns = key ? patternsOf(key) : [];
    if (patterns.length === 0 || !key) return [];
    const where = `${source.path}:${lineAt(source.text, node.start)}`;
    return [{ where, patterns, shown: source.text.slice(key.start, key.end), places: placesOf(values) }];
  });
}

function nameOf(node: Node): string | undefined {
  return node.type === "Identifier" ? node.name : undefined;
}

function patternsOf(key: Node): RegExp[] {
  if (key.type === "Literal" && typeof key.value === "string") return [exactly(escape(key.value))];
  if (key.type === "ConditionalExpression")
    return [...patternsOf(key.consequent), ...patternsOf(key.alternate)];
  if (key.type !== "TemplateLiteral") return [];
  return [exactly(key.quasis.map(({ value }) => escape(value.cooked ?? "")).join("[^.]+"))];
}

const exactly = (pattern: string) => new RegExp(`^${pattern}$`);
const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function placesOf(values: Node | undefined): string[] | undefined {
  if (values === undefined) return [];
  if (values.type !== "ObjectExpression") return undefined;
  const names = values.properties.map((property) =>
    property.type === "Property" ? nameOf(property.key) : undefined,
  );
  return names.every((name) => name !== undefined) ? names.sort() : undefined;
}

function checkUse({ where, patterns, shown, places }: Use, english: Texts): string[] {
  return patterns.flatMap((pattern) => {
    const keys = Object.keys(english).filter((key) => pattern.test(key));
    if (keys.length === 0) return [`${where}: No message has the key ${shown}.`];
    if (places === undefined) return [];
    return keys.flatMap((key) => {
      const wanted = messagePlaces(english[key] ?? "").join(", ");
      if (wanted === places.join(", ")) return [];
      return [`${where}: "${key}" has the places (${wanted}), but is given (${places.join(", ")}).`];
    });
  });
}

/** A key is shown when a call can name it, or when it stands as a text that is passed on to one. */
function unusedKeys(english: Texts, uses: readonly Use[], sources: readonly SourceFile[]): string[] {
  const literals = new Set(sources.flatMap(({ strings }) => strings.map(({ text }) => text)));
  const patterns = uses.flatMap((use) => use.patterns);
  return Object.keys(english).filter(
    (key) => !literals.has(key) && !patterns.some((pattern) => pattern.test(key)),
  );
}

/** Text between tags, and in attributes that people read or hear. */
function wordsInViews(source: SourceFile): string[] {
  return source.nodes.flatMap((node): string[] => {
    if (node.type !== "TaggedTemplateExpression" || nameOf(node.tag) !== "html") return [];
    const markup = node.quasi.quasis.map(({ value }) => value.cooked ?? "").join("\0");
    const heard = [...markup.matchAll(/\s(?:aria-label|alt|title|placeholder|content)="([^"]*)"/g)].map(
      ([, text = ""]) => (/^(width=|noindex$|[\w/]+; charset)/.test(text) ? "" : text),
    );
    // Without a tag it is a piece of one: attributes and nothing to read.
    const read =
      !markup.includes("<") && /^\s[\w-]+=/.test(markup)
        ? ""
        : markup.replace(/<[^<>"]*(?:"[^"]*"[^<>"]*)*>/g, "\0").replace(/&\w+;/g, "");
    const word = [read, ...heard].map((text) => /\p{L}{2,}/u.exec(text)?.[0]).find((found) => found);
    if (word === undefined) return [];
    return [
      `${source.path}:${lineAt(source.text, node.start)}: "${word}" is a word in a view: put it into a message file.`,
    ];
  });
}

function openRooms(): MessageRoom[] {
  const paths = listRepositoryFiles().filter((path) => /^(services|extensions)\/.*\.ts$/.test(path));
  const owners = new Set(paths.map((path) => path.split("/").slice(0, 2).join("/")));
  return [...owners].flatMap((owner) => {
    const folder = `${owner}/messages`;
    if (!existsSync(folder)) return [];
    const languages = Object.fromEntries(
      readdirSync(folder).map((file) => [
        file.replace(/\.json$/, ""),
        JSON.parse(readFileSync(`${folder}/${file}`, "utf8")) as Texts,
      ]),
    );
    const own = paths.filter(
      (path) => path.startsWith(`${owner}/`) && !/(\.test\.ts$|\/testing\/)/.test(path),
    );
    return [{ folder, languages, sources: own.map(readSource) }];
  });
}

if (import.meta.main) {
  const broken = openRooms().flatMap(checkMessages);
  for (const line of broken) console.log(line);
  if (broken.length > 0) process.exitCode = 1;
}
