import type { JsonValue } from "@bufbuild/protobuf";

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
