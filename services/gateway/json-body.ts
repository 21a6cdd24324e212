// Reads JSON bodies strictly: what is odd enough to hurt somebody further in is refused here.
import type { AppError } from "#platform/kit/errors.ts";
import { refusal } from "./errors.ts";

const depthMax = 32;
const valuesMax = 10_000;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The value of a JSON body; undefined for an empty one. Refused: bytes that are not UTF-8, deep nesting, NUL and lone surrogates
 * in texts, numbers too large to be one, and names that would reach into prototypes.
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  const text = decode(bytes);
  if (nestingOf(text) > depthMax) throw malformed(`The body nests deeper than ${depthMax} levels.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("The body is not valid JSON.");
  }
  inspect(value);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed("The body is not valid UTF-8.");
  }
}

/** Deepest level of brackets outside of strings; cheap enough to run before the parser. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, (depth += 1));
    else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return deepest;
}

function inspect(body: unknown): void {
  const waiting: unknown[] = [body];
  for (let seen = 1; waiting.length > 0; seen += 1) {
    if (seen > valuesMax) throw malformed(`The body holds more than ${valuesMax} values.`);
    const value = waiting.pop();
    if (typeof value === "string") inspectText(value);
    else if (typeof value === "number" && !Number.isFinite(value)) throw malformed("A number is too large.");
    else if (Array.isArray(value)) waiting.push(...(value as unknown[]));
    else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        inspectText(name);
        if (name === "__proto__" || (name === "constructor" && typeof inner === "object"))
          throw malformed(`A field may not be named ${name}.`);
        waiting.push(inner);
      }
    }
  }
}

function inspectText(text: string): void {
  if (!isCleanText(text)) throw malformed("A text holds a NUL character or half of a surrogate pair.");
}

/** True for text that every database and protocol can carry. */
export function isCleanText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

function malformed(publicMessage: string): AppError {
  return refusal("BODY_MALFORMED", { publicMessage });
}
