// Holds every answer against the OpenAPI document: status, media type and body.
import { Compile } from "typebox/schema";
import { openApiDocument } from "../../services/gateway/api.ts";
import type { Operation } from "../../services/gateway/openapi.ts";

const document = openApiDocument();

const documented = Object.entries(document.paths).map(([path, operations]) => ({
  path,
  operations,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]*")}$`),
}));

type Json = { readonly [name: string]: unknown };

const definitions = asDefinitions(document.components.schemas) as Json;
const checks = new Map<string, ReturnType<typeof Compile>>();

export interface SeenAnswer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly json: unknown;
}

/** Throws when the document does not allow this answer. Answers of unknown paths and methods need only be problems. */
export function requireDocumented(seen: SeenAnswer): void {
  const { method, path, status, contentType, json } = seen;
  // A preflight is answered for browsers, before any operation.
  if (method === "OPTIONS" && status === 204) return;
  const operation = operationAt(path, method);
  const isRouting = operation === undefined || status === 404 || status === 405;
  const response = (operation?.responses[String(status)] ?? undefined) as Json | undefined;
  const where = `${method} ${path} answered ${status}`;
  if (!response) {
    if (isRouting && status >= 400 && status < 500)
      return requireShape({ $ref: "#/$defs/Problem" }, json, where);
    throw new Error(`${where}, which the document does not allow: ${JSON.stringify(json)}`);
  }
  const content = contentOf(response);
  if (method === "HEAD" || !content) return;
  const [mediaType, schema] = content;
  if (!contentType.startsWith(mediaType.replace("/*", "/")))
    throw new Error(`${where} with ${contentType}, not ${mediaType}.`);
  if (mediaType.includes("json")) requireShape(asDefinitions(schema) as Json, json, where);
}

function operationAt(path: string, method: string): Operation | undefined {
  const wanted = method === "HEAD" ? "get" : method.toLowerCase();
  const exact = documented.find((entry) => entry.path === path);
  const entry = exact ?? documented.find(({ pattern }) => pattern.test(path));
  return entry?.operations[wanted];
}

function contentOf(response: Json): [string, Json] | undefined {
  const name = typeof response["$ref"] === "string" ? response["$ref"].split("/").at(-1) : undefined;
  const whole = name === undefined ? response : document.components.responses[name];
  const content = whole?.["content"] as { [type: string]: { schema: Json } } | undefined;
  const [entry] = Object.entries(content ?? {});
  return entry && [entry[0], entry[1].schema];
}

function requireShape(schema: Json, value: unknown, where: string): void {
  const key = JSON.stringify(schema);
  const check = checks.get(key) ?? Compile({ ...schema, $defs: definitions });
  checks.set(key, check);
  if (check.Check(value)) return;
  const [, faults] = check.Errors(value) as unknown as [boolean, { instancePath: string; message: string }[]];
  const first = faults.map(({ instancePath, message }) => `${instancePath} ${message}`).join("; ");
  throw new Error(`${where} with a body that is not as documented: ${first}: ${JSON.stringify(value)}`);
}

function asDefinitions(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/"));
}
