// Reads query strings by the schema that also documents them. Query strings are text; what they mean is decided here, strictly.
import { isInstant } from "#platform/kit/calendar.ts";
import type { TSchema } from "@fastify/type-provider-typebox";
import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import { isCleanText } from "./json-body.ts";

/** The JSON Schema words that query parameters use. */
export interface ParameterSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

interface QuerySchema {
  readonly properties: { readonly [name: string]: ParameterSchema };
  readonly required?: readonly string[];
}

export type RawQuery = { readonly [name: string]: string | readonly string[] | undefined };

/**
 * The typed values of a query string. Unknown parameters are passed over, an empty text counts as absent, a parameter that
 * stands twice where one is meant is refused. A name such as `attributes.*` gathers all parameters that begin so.
 */
export function readQuery(schema: TSchema, raw: RawQuery): unknown {
  const { properties, required = [] } = schema as unknown as QuerySchema;
  const faults: FieldViolation[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (name.endsWith(".*")) {
      values[name] = gather(name.slice(0, -1), raw, faults);
      continue;
    }
    const value = readValue(name, property, raw[name], faults);
    if (value !== undefined) values[name] = value;
    else if (required.includes(name) && !faults.some(({ path }) => path === name))
      faults.push({ path: name, message: "is required" });
  }
  if (faults.length > 0) throw invalid(faults);
  return values;
}

const gatheredMax = 10;

function gather(prefix: string, raw: RawQuery, faults: FieldViolation[]): { [name: string]: string } {
  const gathered: Record<string, string> = {};
  const names = Object.keys(raw).filter((name) => name.startsWith(prefix) && name.length > prefix.length);
  if (names.length > gatheredMax)
    faults.push({ path: `${prefix}*`, message: `may stand at most ${gatheredMax} times` });
  for (const name of names.slice(0, gatheredMax)) {
    const value = readValue(name, { type: "string", maxLength: 200 }, raw[name], faults);
    const short = name.slice(prefix.length);
    if (short === "__proto__" || short.length > 100 || !isCleanText(short))
      faults.push({ path: prefix, message: "is not a name of an attribute" });
    else if (typeof value === "string") gathered[short] = value;
  }
  return gathered;
}

function readValue(
  name: string,
  schema: ParameterSchema,
  given: string | readonly string[] | undefined,
  faults: FieldViolation[],
): unknown {
  if (given === undefined) return undefined;
  const fail = (message: string) => void faults.push({ path: name, message });
  if (schema.type === "array") return readList(schema, given, fail);
  if (typeof given !== "string") return fail("may stand only once");
  if (!isCleanText(given)) return fail("holds characters that are not text");
  if (schema.type === "integer") return readInteger(schema, given, fail);
  if (schema.type === "boolean") {
    if (given === "true" || given === "false") return given === "true";
    return fail("must be true or false");
  }
  return given === "" ? undefined : readText(schema, given, fail);
}

type Fail = (message: string) => undefined;

function readList({ maxItems = 100 }: ParameterSchema, given: string | readonly string[], fail: Fail) {
  const texts = typeof given === "string" ? [given] : given;
  const values = texts
    .flatMap((text) => text.split(","))
    .map((text) => text.trim())
    .filter((text) => text !== "");
  if (values.length > maxItems) return fail(`may hold at most ${maxItems} values`);
  if (values.some((value) => value.length > 200 || !isCleanText(value)))
    return fail("holds a value that is too long or not text");
  return values;
}

function readInteger({ minimum = 0, maximum = 2 ** 31 - 1 }: ParameterSchema, given: string, fail: Fail) {
  const value = /^-?\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  return fail(`must be a whole number from ${minimum} to ${maximum}`);
}

function readText(schema: ParameterSchema, given: string, fail: Fail) {
  const { maxLength = 200, minLength = 0, enum: values, pattern, format } = schema;
  if (given.length > maxLength) return fail(`must be at most ${maxLength} characters`);
  if (given.length < minLength) return fail(`must be at least ${minLength} characters`);
  if (values && !values.includes(given)) return fail(`must be one of ${values.join(", ")}`);
  if (pattern !== undefined && !new RegExp(pattern).test(given)) return fail(`must match ${pattern}`);
  if (format === "date-time" && !isInstant(given))
    return fail("must be an RFC 3339 time on a day that is in the calendar");
  return given;
}
