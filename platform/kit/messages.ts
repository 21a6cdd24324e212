// Texts for people, out of message files in ICU MessageFormat, in the language of whoever runs the program.
import { readFile } from "node:fs/promises";
import { IntlMessageFormat } from "intl-messageformat";
import { StartError } from "./start-error.ts";

/** What stands in the places of a message. */
export type MessageValues = { readonly [name: string]: string | number };

/** The same for a message with markup: a tag's value makes something of what the tag encloses. */
export type RichValues<Made> = {
  readonly [name: string]: string | number | Made | ((inside: (string | Made)[]) => Made);
};

export interface MessageSource<Key extends string> {
  /** Whose texts these are: the first part of the names of files in a theme. */
  readonly service: string;
  /** Folder of one file for each language, `de.json` or `de-AT.json`. */
  readonly folder: URL;
  /** English: every key there is. */
  readonly english: { readonly [key in Key]: string };
  /** BCP 47. */
  readonly locale: string;
  /** Folders, each with a slash at its end, whose `messages/<service>.<language>.json` replaces single texts; a later one goes before an earlier. */
  readonly themes?: readonly URL[];
}

/**
 * Reads the texts of one language. A key that a language lacks is taken from the wider language (`de-AT`, `de`) and at last from
 * English; a theme's text goes before the house's of the same language. Throws a StartError for a file that is no JSON object, a
 * key nobody knows, a message that cannot be read, or a place the English message does not have.
 */
export async function loadMessages<Key extends string>(source: MessageSource<Key>): Promise<Messages<Key>> {
  const { service, folder, english, locale, themes = [] } = source;
  const languages = ["en", ...widening(locale).filter((tag) => tag !== "en")];
  const files = languages.flatMap((tag) => {
    const themed = themes.map((base) => ({ tag, url: new URL(`./messages/${service}.${tag}.json`, base) }));
    return [{ tag, url: new URL(`./${tag}.json`, folder) }, ...themed];
  });
  const texts = new Map<Key, { text: string; tag: string }>();
  for (const [key, text] of Object.entries(english) as [Key, string][]) texts.set(key, { text, tag: "en" });
  let isSpoken = locale === "en" || locale.startsWith("en-");
  for (const { tag, url } of files) {
    const found = await readTexts(url, english);
    for (const [key, text] of Object.entries(found ?? {}) as [Key, string][]) texts.set(key, { text, tag });
    isSpoken ||= found !== undefined && tag !== "en";
  }
  return new Messages(texts, isSpoken ? locale : "en");
}

/** Texts by key. Each is compiled once; after that a text without places costs a look-up, and one with places well under a microsecond more than joining it by hand. */
export class Messages<Key extends string> {
  /** The locale that is in force: the one asked for, or `en` when nothing is written in its language. */
  readonly locale: string;
  readonly #texts: ReadonlyMap<Key, { readonly text: string; readonly tag: string }>;
  readonly #compiled = new Map<Key, (values: MessageValues) => string>();
  readonly #formats = new Map<Key, IntlMessageFormat>();

  constructor(texts: ReadonlyMap<Key, { readonly text: string; readonly tag: string }>, locale: string) {
    this.#texts = texts;
    this.locale = locale;
  }

  /** The text, as plain text: it must be escaped where it becomes markup. */
  text(key: Key, values: MessageValues = noValues): string {
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      compiled = compile(this.#format(key));
      this.#compiled.set(key, compiled);
    }
    return compiled(values);
  }

  /** The text in parts: plain text, and what the values of its tags made. For whoever turns both into markup. */
  parts<Made extends object>(key: Key, values: RichValues<Made>): (string | Made)[] {
    return this.#format(key)
      .formatToParts<Made>(values as never)
      .map(({ value }) => value as string | Made);
  }

  /** Whether there is a text of this key. */
  has(key: string): key is Key {
    return this.#texts.has(key as Key);
  }

  #format(key: Key): IntlMessageFormat {
    let format = this.#formats.get(key);
    if (!format) {
      const { text = key, tag = "en" } = this.#texts.get(key) ?? {};
      // English that fills a gap counts its plurals as English does.
      format = new IntlMessageFormat(
        text,
        tag === "en" && !this.locale.startsWith("en") ? "en" : this.locale,
      );
      this.#formats.set(key, format);
    }
    return format;
  }
}

const noValues: MessageValues = {};

/** Numbers of the kinds of elements in a parsed message, as the library has them. */
const literal = 0;
const place = 1;

type Element = ReturnType<IntlMessageFormat["getAst"]>[number];

function compile(format: IntlMessageFormat): (values: MessageValues) => string {
  const elements = format.getAst();
  if (elements.every(({ type }) => type === literal)) {
    const text = elements.map((element) => ("value" in element ? element.value : "")).join("");
    return () => text;
  }
  if (elements.every(({ type }) => type === literal || type === place)) return joined(elements);
  return remembered((values) => String(format.format(values)));
}

function joined(elements: readonly Element[]): (values: MessageValues) => string {
  const parts = elements.map((element) => ({
    text: "value" in element ? String(element.value) : "",
    isPlace: element.type === place,
  }));
  return (values) => {
    let text = "";
    for (const part of parts) text += part.isPlace ? String(values[part.text]) : part.text;
    return text;
  };
}

/** Choosing a plural costs microseconds and the same few numbers come again and again. */
function remembered(make: (values: MessageValues) => string): (values: MessageValues) => string {
  const made = new Map<string, string>();
  return (values) => {
    let key = "";
    for (const name in values) key += `${values[name]}\0`;
    let text = made.get(key);
    if (text === undefined) {
      if (made.size >= rememberedMax) made.clear();
      text = make(values);
      made.set(key, text);
    }
    return text;
  };
}

const rememberedMax = 256;

/** de-AT-1996: de, de-AT, de-AT-1996. */
function widening(locale: string): string[] {
  const parts = locale.split("-");
  return parts.map((_part, index) => parts.slice(0, index + 1).join("-"));
}

async function readTexts(
  url: URL,
  english: { readonly [key: string]: string },
): Promise<{ [key: string]: string } | undefined> {
  let source: string;
  try {
    source = await readFile(url, "utf8");
  } catch {
    return undefined;
  }
  const texts = parseTexts(url, source);
  for (const [key, text] of Object.entries(texts)) {
    const known = english[key];
    if (known === undefined)
      throw new StartError(
        `${url.pathname} has the text "${key}", which nothing shows. The keys are those of the English file.`,
      );
    const places = placesOf(url, key, text);
    const unknown = places.find((name) => !placesOf(url, key, known).includes(name));
    if (unknown !== undefined)
      throw new StartError(
        `${url.pathname}: the text "${key}" has a place {${unknown}}, which nothing fills.`,
      );
  }
  return texts;
}

function parseTexts(url: URL, source: string): { [key: string]: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch (cause) {
    throw new StartError(`${url.pathname} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const isTexts =
    typeof parsed === "object" &&
    parsed !== null &&
    Object.values(parsed).every((value) => typeof value === "string");
  if (!isTexts) throw new StartError(`${url.pathname} must be one JSON object of texts by key.`);
  return parsed as { [key: string]: string };
}

function placesOf(url: URL, key: string, text: string): string[] {
  try {
    return messagePlaces(text);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new StartError(`${url.pathname}: the text "${key}" is not ICU MessageFormat (${why}).`, { cause });
  }
}

/** Names of the places and tags in a message, each once, sorted. Throws when the message cannot be read. */
export function messagePlaces(text: string): string[] {
  const names = new Set<string>();
  const visit = (elements: readonly Element[]) => {
    for (const element of elements) {
      if ("value" in element && element.type !== literal) names.add(String(element.value));
      if ("options" in element)
        for (const option of Object.values(element.options)) visit(option.value as readonly Element[]);
      if ("children" in element) visit(element.children as readonly Element[]);
    }
  };
  visit(new IntlMessageFormat(text, "en").getAst());
  return [...names].sort();
}
