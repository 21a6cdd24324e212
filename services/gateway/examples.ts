// An example for every request and every answer of the document, made from the schemas that also check them.
import type { OpenApi, Operation, Parameter } from "./openapi.ts";

type Json = { readonly [name: string]: unknown };
type Schemas = OpenApi["components"]["schemas"];

/** The same document with an example at each body and each parameter that has to be given. Those that schemas bring go first. */
export function withExamples(document: OpenApi): OpenApi {
  const { schemas, responses } = document.components;
  const paths = Object.entries(document.paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [method, withOwn(operation, path, schemas)]),
    ),
  ]);
  const shared = Object.entries(responses).map(([name, response]) => [
    name,
    answered(response, sharedStatus(name), schemas),
  ]);
  return {
    ...document,
    paths: Object.fromEntries(paths) as OpenApi["paths"],
    components: { ...document.components, responses: Object.fromEntries(shared) as { [name: string]: Json } },
  };
}

function withOwn(operation: Operation, path: string, schemas: Schemas): Operation {
  const { requestBody, responses, parameters } = operation;
  const answers = Object.entries(responses).map(([status, response]) => [
    status,
    answered(response, Number(status), schemas),
  ]);
  return {
    ...operation,
    parameters: parameters.map((parameter) => givenParameter(parameter, path, schemas)),
    ...(requestBody ? { requestBody: asked(requestBody, schemas) } : {}),
    responses: Object.fromEntries(answers) as Operation["responses"],
  };
}

/** What is optional is left out of a request: a try of it is not filled with what nobody asked for. */
function givenParameter(parameter: Parameter, path: string, schemas: Schemas): Parameter {
  const { name, required, schema } = parameter;
  if (!required) return parameter;
  const isId = parameter.in === "path" && name === "id";
  const example = isId ? (ids[path.split("/")[2] ?? ""] ?? uuid) : exampleOf(schema, schemas, { name });
  return { ...parameter, example };
}

/** What path parameters named `id` may be instead of an id. */
const ids: { readonly [place: string]: string } = { products: "OLJCESPC7Z", categories: "kitchen" };

function asked(body: Json, schemas: Schemas): Json {
  return withContent(body, (schema) => exampleOf(schema, schemas, { isRequest: true }));
}

function answered(response: Json, status: number, schemas: Schemas): Json {
  return withContent(response, (schema) =>
    status >= 400 ? problemOf(response, status) : exampleOf(schema, schemas, {}),
  );
}

function withContent(holder: Json, exampleFor: (schema: Json) => unknown): Json {
  const content = holder["content"] as { readonly [type: string]: { readonly schema: Json } } | undefined;
  if (!content) return holder;
  const types = Object.entries(content).map(([type, media]) => [
    type,
    { ...media, example: type.includes("json") ? exampleFor(media.schema) : (files[type] ?? "…") },
  ]);
  return { ...holder, content: Object.fromEntries(types) as Json };
}

const files: { readonly [mediaType: string]: string } = { "text/html": "<!doctype html>…" };

const sharedCodes: { readonly [response: string]: readonly [status: number, code: string] } = {
  Invalid: [400, "VALIDATION_FAILED"],
  Unauthenticated: [401, "TOKEN_REQUIRED"],
  Forbidden: [403, "PERMISSION_DENIED"],
  NotFound: [404, "ROUTE_NOT_FOUND"],
  TooLarge: [413, "PAYLOAD_TOO_LARGE"],
  MediaTypeUnsupported: [415, "MEDIA_TYPE_UNSUPPORTED"],
  RateLimited: [429, "RATE_LIMITED"],
  Unavailable: [503, "SERVICE_UNAVAILABLE"],
};

function sharedStatus(name: string): number {
  return sharedCodes[name]?.[0] ?? 400;
}

/** With the first of the codes it may have. */
function problemOf(response: Json, status: number): Json {
  const codes = response["x-codes"] as readonly string[] | undefined;
  const code =
    codes?.[0] ?? Object.values(sharedCodes).find(([shared]) => shared === status)?.[1] ?? "REFUSED";
  const words = code.toLowerCase().replaceAll("_", " ");
  const isInvalid = code === "VALIDATION_FAILED";
  return {
    type: `urn:stoa:error:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status,
    detail: String(response["description"]).replace(/ Codes: .*$/, ""),
    code,
    requestId: uuid,
    ...(isInvalid ? { errors: [{ path: "items[0].quantity", message: "must be <= 99" }] } : {}),
  };
}

interface Place {
  /** Of the field or parameter, if it has one. */
  readonly name?: string;
  readonly isRequest?: boolean;
  /** Schemas that stand around this place: one that holds itself ends here. */
  readonly around?: readonly string[];
}

const uuid = "0198c0de-0000-7000-8000-000000000001";

function exampleOf(schema: Json, schemas: Schemas, place: Place): unknown {
  const { $ref, examples, anyOf, type } = schema as {
    $ref?: string;
    examples?: readonly unknown[];
    anyOf?: readonly Json[];
    type?: string | readonly string[];
  };
  if ($ref !== undefined) return referred($ref.slice($ref.lastIndexOf("/") + 1), schemas, place);
  // One currency in one example: that of its amounts.
  if (place.name === "currencyCode") return "USD";
  if (examples && examples.length > 0) return examples[0];
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return (schema["enum"] as unknown[])[0];
  if (anyOf) return exampleOf(anyOf.find((one) => one["type"] !== "null") ?? {}, schemas, place);
  const kind = Array.isArray(type) ? (type as string[]).find((one) => one !== "null") : type;
  if (kind === "object") return objectOf(schema, schemas, place);
  if (kind === "array") return listOf(schema, schemas, place);
  if (kind === "integer" || kind === "number") return numberOf(schema, place.name ?? "");
  if (kind === "boolean") return true;
  return kind === "string" ? textOf(schema, place.name ?? "") : {};
}

function referred(name: string, schemas: Schemas, place: Place): unknown {
  const around = place.around ?? [];
  return exampleOf(schemas[name] ?? {}, schemas, { ...place, around: [...around, name] });
}

function objectOf(
  schema: Json,
  schemas: Schemas,
  { name = "", isRequest = false, around = [] }: Place,
): Json {
  const { properties = {}, required = [] } = schema as {
    properties?: { readonly [name: string]: Json };
    required?: readonly string[];
  };
  const fields = Object.keys(properties);
  if (fields.length === 0) return objects[name] ?? {};
  const isNeeded = (field: string) => !isRequest || required.length === 0 || required.includes(field);
  return Object.fromEntries(
    fields
      .filter(isNeeded)
      .map((field) => [
        field,
        exampleOf(properties[field] ?? {}, schemas, { name: field, isRequest, around }),
      ]),
  );
}

const objects: { readonly [name: string]: Json } = {
  attributes: { material: "stoneware" },
  options: { colour: "sea blue" },
};

function listOf(schema: Json, schemas: Schemas, place: Place): unknown[] {
  const items = (schema["items"] ?? {}) as Json;
  const { $ref } = items as { $ref?: string };
  const holdsItself = $ref !== undefined && place.around?.includes($ref.slice($ref.lastIndexOf("/") + 1));
  return holdsItself ? [] : [exampleOf(items, schemas, place)];
}

function numberOf(schema: Json, name: string): number {
  const { minimum = -Infinity, maximum = Infinity } = schema as { minimum?: number; maximum?: number };
  return Math.min(maximum, Math.max(minimum, numbers[name] ?? 1));
}

const numbers: { readonly [name: string]: number } = {
  expiryMonth: 12,
  expiryYear: 2040,
  estimatedDays: 5,
  stockQuantity: 120,
  availableQuantity: 120,
  productCount: 6,
  version: 7,
  position: 10,
};

const formats: { readonly [format: string]: string } = {
  uuid,
  "date-time": "2026-11-26T09:30:00.000Z",
  date: "2026-12-03",
  email: "ada@example.com",
  uri: "https://shop.example/",
};

/** For fields whose schema does not bring an example of its own. */
const texts: { readonly [name: string]: string } = {
  amount: "8.99",
  brand: "visa",
  category: "kitchen",
  categories: "kitchen",
  city: "London",
  code: "standard",
  country: "GB",
  cvc: "123",
  description: "A mug of stoneware, thrown by hand.",
  email: "ada@example.com",
  firstName: "Ada",
  fullName: "Ada Lovelace",
  imageUrl: "/static/img/products/tideline-mug.svg",
  last4: "4242",
  lastName: "Lovelace",
  line1: "12 St James's Square",
  methodName: "Standard shipping",
  name: "Tideline Mug",
  number: "4242424242424242",
  orderNumber: "S-C7NNA802SA",
  password: "a sentence about amphorae",
  postalCode: "SW1Y 4JH",
  productId: uuid,
  q: "mug",
  query: "mug",
  recipient: "ada@example.com",
  redirectUrl: "/product/tideline-mug",
  refreshToken: "rt_0198c0de.…",
  sku: "MUG-SEA-BLUE",
  slug: "tideline-mug",
  status: "done",
  subject: "Thank you for your order",
  token: "eyJhbGciOiJFZERTQSJ9.…",
  trackingNumber: "BD-44008-221686471",
  userId: "me",
  variantId: uuid,
};

function textOf(schema: Json, name: string): string {
  const {
    format = "",
    pattern,
    minLength = 0,
    maxLength = Infinity,
  } = schema as {
    format?: string;
    pattern?: string;
    minLength?: number;
    maxLength?: number;
  };
  const known = [texts[name], formats[format], "text", "USD", "GB", "10.00", "OLJCESPC7Z"];
  const fits = (text: string | undefined): text is string =>
    text !== undefined &&
    text.length >= minLength &&
    text.length <= maxLength &&
    (formats[format] === undefined || text === formats[format]) &&
    (pattern === undefined || new RegExp(pattern, "u").test(text));
  return known.find(fits) ?? "x".repeat(minLength);
}
