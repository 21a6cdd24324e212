import type { JsonValue } from "@bufbuild/protobuf";

export function listOf(text: string): string[] {
  return text
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** An attribute as a text: a list has | between its members; what is deeper is JSON, and so is a text that would be read as something else. */
export function attributeText(value: JsonValue): string {
  if (typeof value === "string") return attributeOf(value) === value ? value : JSON.stringify(value);
  const members = Array.isArray(value) ? value.flatMap((part) => (isMember(part) ? [part] : [])) : [];
  const isList = Array.isArray(value) && value.length > 1 && members.length === value.length;
  return isList ? members.join("|") : JSON.stringify(value);
}

function isMember(part: JsonValue): part is string {
  return typeof part === "string" && part !== "" && part.trim() === part && !part.includes("|");
}

/** The attribute that a cell means. */
export function attributeOf(text: string): JsonValue {
  if (/^[[{"]/.test(text.trim())) {
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      // A text that begins with a bracket or a quotation mark.
    }
  }
  return text.includes("|") ? listOf(text) : text;
}
