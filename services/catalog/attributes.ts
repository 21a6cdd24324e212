import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { isVisible } from "#platform/kit/visible-text.ts";

const countMax = 50;
const depthMax = 3;
const jsonLengthMax = 8_192;

/** Whether an attribute can be called so. */
export function isAttributeName(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} _.-]{0,59}$/u.test(name) && isVisible(name);
}

/** Why these cannot be a product's attributes, or undefined when they can. */
export function attributesFault(attributes: JsonObject): string | undefined {
  const names = Object.keys(attributes);
  if (names.length > countMax) return `must have at most ${countMax} entries`;
  const wrong = names.find((name) => !isAttributeName(name));
  if (wrong !== undefined) return "must have names of 1 to 60 letters, digits, spaces, dots, dashes";
  if (!isStorable(attributes, depthMax))
    return `must be texts without control characters, numbers, true, false, and lists or objects of these at most ${depthMax} deep`;
  if (JSON.stringify(attributes).length > jsonLengthMax)
    return `must be at most ${jsonLengthMax} characters long as JSON`;
  return undefined;
}

function isStorable(value: JsonValue, depthLeft: number): boolean {
  if (typeof value === "string") return value.isWellFormed() && !/\p{Cc}/u.test(value);
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (depthLeft === 0) return false;
  if (Array.isArray(value)) return value.every((inner) => isStorable(inner, depthLeft - 1));
  return Object.entries(value).every(
    ([name, inner]) => isStorable(name, 0) && isStorable(inner, depthLeft - 1),
  );
}

/** Null stands for what is not there, as in a merge patch: members of objects that are null are left out, at any depth. */
export function withoutNulls(attributes: JsonObject): JsonObject {
  return mergePatch({}, attributes);
}

/** RFC 7396 for objects: what the patch names is set, null takes out, objects are merged, all else stays. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const known = merged.get(name);
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? mergePatch(isObject(known) ? known : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One attribute that a list is filtered by. */
export interface AttributeWish {
  readonly name: string;
  readonly value: string;
}

/**
 * The JSON objects of which a product must contain one: the value as text, as a member of a list, and as the number or
 * truth value that the text spells, because a filter in a URL has no types.
 */
export function attributeAlternatives({ name, value }: AttributeWish): string[] {
  const alternatives: JsonValue[] = [value, [value]];
  if (/^(true|false|-?\d{1,15}(\.\d{1,10})?)$/.test(value)) alternatives.push(JSON.parse(spelled(value)));
  else alternatives.push(value);
  return alternatives.map((alternative) => JSON.stringify({ [name]: alternative }));
}

/** "007" is no JSON number. */
function spelled(value: string): string {
  return /^-?0\d/.test(value) ? JSON.stringify(value) : value;
}
