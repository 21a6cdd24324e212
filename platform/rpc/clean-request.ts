// What no request may hold, whatever RPC it asks for: one place, so that no handler, database or log has to think of it.
import {
  ScalarType,
  type DescField,
  type DescMessage,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";
import { invalid, type AppError } from "#platform/kit/errors.ts";

/** How large the parts of a request may be. */
export interface RequestBounds {
  /** Bytes of one text in UTF-8. */
  readonly textBytesMax: number;
  /** Elements of one list or map. */
  readonly elementsMax: number;
}

/** No RPC of ours takes more in one text; services of the shop hand each other what they have checked. */
export const outsideBounds: RequestBounds = { textBytesMax: 64 * 1024, elementsMax: 100_000 };
export const serviceBounds: RequestBounds = { textBytesMax: Infinity, elementsMax: Infinity };

type Plain = Record<string, unknown>;
type Inspect = (value: unknown, path: string, bounds: RequestBounds) => void;

/**
 * Refuses a request with a NUL character or half a surrogate pair in any of its texts, or with a text or list beyond `bounds`: INVALID
 * with the path of the field. Numbers and bytes are for whoever reads them.
 */
export function requireCleanRequest(schema: DescMessage, request: Message, bounds: RequestBounds): void {
  inspectorOf(schema)?.(request, "", bounds);
}

const inspectors = new Map<string, Inspect | undefined>();

/** Undefined for a message without any text, list or map, which is most of what has a name only. */
function inspectorOf(schema: DescMessage): Inspect | undefined {
  if (schema.typeName === "google.protobuf.Struct")
    return (value, path, bounds) => inspectJson(value as JsonValue, path, bounds);
  if (inspectors.has(schema.typeName)) return inspectors.get(schema.typeName);
  const fields: ((message: Plain, path: string, bounds: RequestBounds) => void)[] = [];
  const inspect: Inspect = (value, path, bounds) => {
    for (const field of fields) field(value as Plain, path, bounds);
  };
  // Known before its fields are: a message may hold its own kind.
  inspectors.set(schema.typeName, inspect);
  for (const field of schema.fields) {
    const inspectValue = inspectorOfField(field);
    if (!inspectValue) continue;
    const { localName, oneof } = field;
    fields.push((message, path, bounds) => {
      const value = oneof ? chosen(message[oneof.localName], localName) : message[localName];
      if (value !== undefined) inspectValue(value, path === "" ? localName : `${path}.${localName}`, bounds);
    });
  }
  if (fields.length === 0) inspectors.set(schema.typeName, undefined);
  return inspectors.get(schema.typeName);
}

function chosen(oneof: unknown, name: string): unknown {
  const { case: named, value } = oneof as { case?: string; value?: unknown };
  return named === name ? value : undefined;
}

function inspectorOfField(field: DescField): Inspect | undefined {
  if (field.fieldKind === "scalar") return field.scalar === ScalarType.STRING ? inspectText : undefined;
  if (field.fieldKind === "message") return inspectorOf(field.message);
  if (field.fieldKind === "list") return inspectorOfList(field);
  if (field.fieldKind === "map") return inspectorOfMap(field);
  return undefined;
}

function inspectorOfList(field: DescField & { fieldKind: "list" }): Inspect {
  const inspect =
    field.listKind === "message"
      ? inspectorOf(field.message)
      : field.listKind === "scalar" && field.scalar === ScalarType.STRING
        ? inspectText
        : undefined;
  return (value, path, bounds) => {
    const values = value as readonly unknown[];
    requireFew(values.length, path, bounds);
    if (inspect) values.forEach((element, index) => inspect(element, `${path}[${index}]`, bounds));
  };
}

function inspectorOfMap(field: DescField & { fieldKind: "map" }): Inspect {
  const inspect =
    field.mapKind === "message"
      ? inspectorOf(field.message)
      : field.mapKind === "scalar" && field.scalar === ScalarType.STRING
        ? inspectText
        : undefined;
  return (value, path, bounds) => {
    const entries = Object.entries(value as Plain);
    requireFew(entries.length, path, bounds);
    for (const [key, inner] of entries) {
      inspectText(key, path, bounds);
      inspect?.(inner, path, bounds);
    }
  };
}

function inspectJson(value: JsonValue, path: string, bounds: RequestBounds): void {
  if (typeof value === "string") inspectText(value, path, bounds);
  if (typeof value !== "object" || value === null) return;
  const entries = Object.entries(value);
  requireFew(entries.length, path, bounds);
  for (const [name, inner] of entries) {
    inspectText(name, path, bounds);
    inspectJson(inner as JsonValue, path, bounds);
  }
}

function inspectText(value: unknown, path: string, { textBytesMax }: RequestBounds): void {
  const text = value as string;
  if (text.includes("\0") || !text.isWellFormed())
    throw refused(path, "must not hold a NUL character or half of a surrogate pair");
  // A character has at most three bytes for each of its units.
  if (text.length * 3 > textBytesMax && Buffer.byteLength(text) > textBytesMax)
    throw refused(path, `must have at most ${textBytesMax} bytes`);
}

function requireFew(count: number, path: string, { elementsMax }: RequestBounds): void {
  if (count > elementsMax) throw refused(path, `must have at most ${elementsMax} elements`);
}

function refused(path: string, message: string): AppError {
  return invalid([{ path, message }]);
}
