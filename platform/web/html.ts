// Pages are text that is put together by one tagged template, which escapes whatever it did not make itself.

/** Text that is safe to send as HTML. Only `html` makes it. */
export class Html {
  readonly text: string;

  constructor(text: string, key: typeof maker) {
    if (key !== maker) throw new Error("Html is made by the html template only.");
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type HtmlValue = Html | string | number | bigint | false | null | undefined | readonly HtmlValue[];

const maker = Symbol("maker");

/**
 * html`<p title="${name}">${text}</p>`: every value is escaped, arrays are joined, false, null and undefined are nothing.
 * A value may stand in text, inside a double-quoted attribute, or, if it is Html, between attributes. Anywhere else
 * (a tag's name, an attribute without quotes, a script, a style, a comment) the template throws, whatever the value is.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const { places, parts } = templateOf(strings);
  let text = parts[0] ?? "";
  for (let index = 0; index < values.length; index += 1) {
    text += render(values[index], places[index] ?? "text") + (parts[index + 1] ?? "");
  }
  return new Html(text, maker);
}

/** An attribute without a value, such as `checked`, when it is wanted. */
export function attribute(
  name: "autofocus" | "checked" | "selected" | "disabled" | "open" | "required",
  isWanted: boolean,
): Html {
  return isWanted ? new Html(` ${name}`, maker) : nothing;
}

export const nothing = new Html("", maker);

/** A link or picture address from a catalogue: https or a path of this origin; anything else becomes undefined. */
export function safeUrl(url: string | undefined): string | undefined {
  if (url === undefined || /[\s\\<>"]/.test(url)) return undefined;
  return /^\/(?!\/)/.test(url) || /^https:\/\/[^/]/i.test(url) ? url : undefined;
}

type Place = "text" | "attribute" | "tag";

function render(value: HtmlValue, place: Place): string {
  if (value instanceof Html) {
    if (place === "attribute") throw new Error("HTML cannot stand inside an attribute.");
    return value.text;
  }
  if (value === false || value === null || value === undefined) return "";
  if (typeof value === "object") return value.map((part) => render(part, place)).join("");
  if (place === "tag" && value !== "") throw new Error("Only Html may stand between attributes.");
  return escape(String(value));
}

const escapes: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return /[&<>"']/.test(text)
    ? text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
    : text;
}

interface Template {
  readonly places: readonly Place[];
  /** What stands between the values, without the indentation that is for readers of the source. */
  readonly parts: readonly string[];
}

const templates = new WeakMap<TemplateStringsArray, Template>();

/** Each template is looked at once, when it is used first. */
function templateOf(strings: TemplateStringsArray): Template {
  const known = templates.get(strings);
  if (known) return known;
  const places: Place[] = [];
  let before = "";
  for (const part of strings.slice(0, -1)) {
    before += part;
    places.push(placeAfter(before));
    before += "x";
  }
  const template = { places, parts: withoutIndentation(strings.join(valueMark)).split(valueMark) };
  templates.set(strings, template);
  return template;
}

/** Stands for a value; no template contains it. */
const valueMark = "\0";

function withoutIndentation(text: string): string {
  const tag = /<[^<>"]*(?:"[^"]*"[^<>"]*)*>/g;
  const inOneLine = (found: string) => found.replace(/\s*\n\s*/g, " ").replace(/ (\/?>)$/, "$1");
  return text.replace(tag, inOneLine).replace(/\n\s*/g, "\n");
}

/** Where a reader of HTML stands after `text`; the templates are ours, so a few patterns are enough. */
function placeAfter(text: string): Place {
  if (/<(script|style)\b[^>]*>(?![\s\S]*<\/\1>)/i.test(text) || /<!--(?![\s\S]*-->)/.test(text))
    throw new Error(`No value may stand in a script, a style or a comment: ${ending(text)}`);
  const rest = text.replace(/<[^<>"]*(?:"[^"]*"[^<>"]*)*>/g, "");
  const open = /<([^<>"]*(?:"[^"]*"[^<>"]*)*)("[^"]*)?$/.exec(rest);
  if (!open) return "text";
  if (open[2] !== undefined) {
    const name = /\s([a-z][a-z0-9-]*)=$/i.exec(open[1] ?? "")?.[1];
    if (name === undefined || /^(on|style$|srcdoc$)/i.test(name))
      throw new Error(`No value may stand in the attribute ${name ?? "without a name"}: ${ending(text)}`);
    return "attribute";
  }
  if (/^[a-z][a-z0-9-]*(\s[\s\S]*[^=\s]|)\s*$/i.test(open[1] ?? "") && open[1] !== "") return "tag";
  throw new Error(`A value may stand in text or in a double-quoted attribute only: ${ending(text)}`);
}

function ending(text: string): string {
  return text.slice(-60);
}
