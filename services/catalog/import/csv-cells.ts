import type { JsonValue } from "@bufbuild/protobuf";
import type { Cell } from "./csv-rows.ts";

/** What a spreadsheet would take for a formula, and what already has the mark against that. */
const formula = /^'*[=+\-@\t\r]/;

/** A text as a cell of a CSV file: never a formula, and the same again when it is read. */
export function toCell(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]|^\s|\s$|^sep=/i.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function fromCell({ text }: Cell): string {
  return formula.test(text) && text.startsWith("'") ? text.slice(1) : text;
}

export function toRow(cells: readonly string[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

export function listOf(text: string): string[] {
  return text
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** An attribute as a text: a list has | between its members, what is deeper is JSON. */
export function attributeText(value: JsonValue): string {
  if (typeof value === "string") return value;
  const members = Array.isArray(value) ? value.flatMap((part) => (isMember(part) ? [part] : [])) : [];
  const isList = Array.isArray(value) && value.length > 1 && members.length === value.length;
  return isList ? members.join("|") : JSON.stringify(value);
}

function isMember(part: JsonValue): part is string {
  return typeof part === "string" && part !== "" && part.trim() === part && !part.includes("|");
}

/** The attribute that a cell means. */
export function attributeOf(text: string): JsonValue {
  if (/^[[{]/.test(text.trim())) {
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      // A text that begins with a bracket.
    }
  }
  return text.includes("|") ? listOf(text) : text;
}
