// The OpenAPI 3.1 document, made from the endpoints themselves: what validates is what is documented.
import type { TSchema } from "@fastify/type-provider-typebox";
import type { AnyEndpoint, Endpoint, Upload } from "./endpoint.ts";
import type { DocumentedField } from "./extension.ts";
import { sharedSchemas } from "./schemas/all.ts";
import { nameOf } from "./schemas/shapes.ts";

type Json = { readonly [name: string]: unknown };

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly object[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: {
    readonly schemas: { readonly [name: string]: Json };
    readonly responses: { readonly [name: string]: Json };
    readonly securitySchemes: { readonly [name: string]: Json };
  };
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly object[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Json;
  readonly responses: { readonly [status: string]: Json };
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly style?: string;
  readonly explode?: boolean;
  readonly example?: unknown;
  readonly schema: Json;
}

const tags = [
  { name: "Users", description: "Accounts, sessions and guests." },
  { name: "Products", description: "The catalogue and its stock." },
  { name: "Categories", description: "The tree that products are found in." },
  { name: "Files", description: "Pictures of products." },
  { name: "Cart", description: "What somebody is about to buy; kept for seven days." },
  { name: "Checkout", description: "What a purchase would cost." },
  { name: "Orders", description: "Buying, following, cancelling and refunding." },
  { name: "Payments", description: "News from the payment provider." },
  { name: "Currencies", description: "Exchange rates and exact conversion." },
  { name: "Shipping", description: "Costs and tracking." },
  { name: "Suggestions", description: "Recommendations and ads: they never fail a page." },
  { name: "Mails", description: "What the shop has sent." },
  { name: "Operations", description: "Health, this document and public keys." },
];

const description =
  "Times are RFC 3339 in UTC, money is a decimal string with its currency, lists come in pages. Unknown fields are refused and " +
  "nothing is coerced. Refusals are RFC 9457 problems with a stable `code`; they come in this order: path (404, 405), token " +
  "(401), right (403, or 404 for someone else's thing), body (400). `Idempotency-Key` counts on every operation that shows it; " +
  "keys are each actor's own.";

/** Names of the responses that many operations share. */
const sharedResponses: { readonly [status: number]: { name: string; description: string } } = {
  400: { name: "Invalid", description: "The request is not valid. `errors` names the fields." },
  401: { name: "Unauthenticated", description: "A token is missing, wrong or expired." },
  403: {
    name: "Forbidden",
    description: "The token's owner may not do this, or the key is for something else.",
  },
  404: { name: "NotFound", description: "There is no such thing, or it is someone else's." },
  413: { name: "TooLarge", description: "The body is larger than 64 KiB." },
  415: { name: "MediaTypeUnsupported", description: "The body is not application/json." },
  429: { name: "RateLimited", description: "Too many requests; `Retry-After` says when to come back." },
  503: { name: "Unavailable", description: "A part of the shop is not there, or it is closed; try again." },
};

const statusTexts: { readonly [status: number]: string } = {
  200: "Done.",
  201: "Made.",
  202: "Taken down; what becomes of it is not said here.",
  204: "Done; there is nothing to say.",
  402: "The card was refused.",
  304: "You have it already.",
  409: "It does not go together with how things are now.",
  412: "It is not what you saw last: read it again.",
  422: "Understood, but not possible in this state.",
};

/** `fields` are what extensions add to products. */
export function openApiOf(
  endpoints: readonly AnyEndpoint[],
  version: string,
  fields: readonly DocumentedField[] = [],
): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const definition of endpoints) {
    const path = definition.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [definition.method.toLowerCase()]: operationOf(definition as Endpoint) };
  }
  const responses = Object.values(sharedResponses).map(({ name, description: text }) => [
    name,
    problemResponse(text),
  ]);
  return {
    openapi: "3.1.0",
    info: { title: "Stoa", version, description },
    servers: [{ url: "/", description: "This shop." }],
    tags: [...tags, ...furtherTags(endpoints)],
    paths,
    components: {
      schemas: Object.fromEntries(
        sharedSchemas.map((schema) => [
          nameOf(schema),
          withFields(nameOf(schema), schemaJson(schema), fields),
        ]),
      ),
      responses: Object.fromEntries(responses) as { [name: string]: Json },
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "From login, registration, refresh or the guest endpoint.",
        },
        ...machineSchemes,
      },
    },
  };
}

/** Keys of programs, by the scope that each opens. */
const machineSchemes = {
  productKey: keyScheme("PRODUCT_API_KEY", "products, categories, stock and pictures"),
  orderKey: keyScheme("ORDER_API_KEY", "orders, their status and their refunds"),
};

const schemeOf = { products: "productKey", orders: "orderKey" } as const;

function keyScheme(name: string, what: string) {
  const description = `${name} of the shop: a program may do with ${what} what an admin may. Also as Authorization: Bearer.`;
  return { type: "apiKey", in: "header", name: "X-API-Key", description };
}

/** Products as extensions add to them: their fields are attributes with a type. */
function withFields(name: string, schema: Json, fields: readonly DocumentedField[]): Json {
  if (fields.length === 0 || !["Product", "ProductWrite", "ProductEdit"].includes(name)) return schema;
  const properties = schema["properties"] as { readonly [name: string]: Json };
  const required = fields.filter((field) => field.isRequired).map((field) => field.name);
  const isWrite = name === "ProductWrite" && required.length > 0;
  const attributes = {
    ...properties["attributes"],
    properties: Object.fromEntries(
      fields.map((field) => [field.name, { ...schemaJson(field.schema), description: field.doc }]),
    ),
    ...(isWrite ? { required } : {}),
  };
  const own = isWrite
    ? [...((schema["required"] as string[] | undefined) ?? []), "attributes"]
    : schema["required"];
  return { ...schema, properties: { ...properties, attributes }, required: own };
}

/** Tags that only extensions use. */
function furtherTags(endpoints: readonly AnyEndpoint[]) {
  const known = new Set(tags.map(({ name }) => name));
  const further = new Set(endpoints.map(({ tag }) => tag).filter((tag) => !known.has(tag)));
  return [...further].map((name) => ({ name, description: "Added by an extension." }));
}

function operationOf(definition: Endpoint): Operation {
  const { id, tag, summary, description: text, access, machine } = definition;
  const isOpen = access === "anyone";
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(text === undefined ? {} : { description: text }),
    security: isOpen ? [] : [{ token: [] }, ...(machine ? [{ [schemeOf[machine]]: [] }] : [])],
    parameters: [
      ...pathParameters(definition.path),
      ...queryParameters(definition.query),
      ...headerParameters(definition.headers),
      ...(definition.isKeyed ? [keyParameter] : []),
    ],
    ...requestBodyOf(definition),
    responses: responsesOf(definition),
  };
}

/** A file as OpenAPI writes it. */
const fileSchema = { type: "string", format: "binary" };

function requestBodyOf({ body, rawBody, upload, isBodyOptional, isMergePatch }: Endpoint): {
  requestBody?: Json;
} {
  const json = body ?? rawBody;
  if (upload) {
    const content = upload.mediaTypes.map((mediaType) => [mediaType, { schema: fileSchema }]);
    return { requestBody: { required: true, content: Object.fromEntries(content) as Json } };
  }
  if (!json) return {};
  const schema = schemaJson(json);
  const content = {
    "application/json": { schema },
    ...(isMergePatch ? { "application/merge-patch+json": { schema } } : {}),
  };
  return { requestBody: { required: !isBodyOptional, content } };
}

const parameterTexts: { readonly [name: string]: string } = {
  userId: "The user's id, or `me` for the caller.",
  productId: "Id, code or slug.",
  name: "SHA-256 of the bytes in hexadecimal, and an ending.",
};

function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    ...(parameterTexts[name] === undefined ? {} : { description: parameterTexts[name] }),
    schema: { type: "string", minLength: 1, maxLength: 256 },
  }));
}

function queryParameters(query: TSchema | undefined): Parameter[] {
  if (!query) return [];
  const { properties, required = [] } = schemaJson(query) as {
    properties: { [name: string]: Json };
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => {
    if (name === "attributes.*") return attributeParameter;
    const isList = schema["type"] === "array";
    return {
      name,
      in: "query",
      required: required.includes(name),
      ...(typeof schema["description"] === "string" ? { description: schema["description"] } : {}),
      ...(isList ? { style: "form", explode: false } : {}),
      schema,
    };
  });
}

/** Written as OpenAPI writes free parameters: the fields of an exploded object are parameters themselves. */
const attributeParameter: Parameter = {
  name: "attributes",
  in: "query",
  required: false,
  description: "Any attributes, each a parameter of its own, such as `attributes.color=red`.",
  style: "form",
  explode: true,
  schema: {
    type: "object",
    patternProperties: { "^attributes\\..+$": { type: "string", maxLength: 200 } },
    additionalProperties: false,
    maxProperties: 10,
  },
};

function headerParameters(headers: Endpoint["headers"] = {}): Parameter[] {
  return Object.entries(headers).map(([name, schema]) => ({
    name,
    in: "header",
    required: false,
    schema: schema as Json,
  }));
}

const tagHeader = {
  description:
    "Names what was answered. Send it as `If-None-Match` to hear whether it is still so, and as `If-Match` to edit only that.",
  schema: { type: "string" },
};

const keyParameter: Parameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Yours to choose, for one request: sent again with the same key it is not done again and gets the same answer, byte for byte, " +
    "for thirty days. Printable ASCII.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

/** What a key may be refused with. */
const keyRefusals: { readonly [status: number]: readonly string[] } = {
  409: ["REQUEST_IN_PROGRESS"],
  422: ["IDEMPOTENCY_KEY_REUSED"],
};

function documentedRefusals({ refusals = {}, isKeyed }: Endpoint): {
  readonly [status: number]: readonly string[];
} {
  if (!isKeyed) return refusals;
  const added = Object.entries(keyRefusals).map(([status, codes]) => [
    status,
    [...(refusals[Number(status)] ?? []), ...codes],
  ]);
  return { ...refusals, ...(Object.fromEntries(added) as { [status: number]: string[] }) };
}

function responsesOf(definition: Endpoint): { [status: string]: Json } {
  const { status, answer, file, contentType = "application/json", upload } = definition;
  const refusals = documentedRefusals(definition);
  const mediaType = contentType.split(";", 1)[0] ?? contentType;
  const done = {
    description: statusTexts[status] ?? "Done.",
    ...(answer ? { content: { [mediaType]: { schema: answerSchema(answer) } } } : {}),
    ...(file === undefined ? {} : { content: { [file]: { schema: fileSchema } } }),
    ...(definition.isTagged ? { headers: { ETag: tagHeader } } : {}),
  };
  const responses: Record<string, Json> = { [status]: done };
  if (file !== undefined || (definition.isTagged && definition.method === "GET"))
    responses[304] = { description: statusTexts[304] };
  for (const code of refusalStatuses({ ...definition, refusals })) {
    const reasons = refusals[code];
    const shared = sharedResponses[code];
    const sentence =
      (upload && uploadTexts(upload)[code]) ?? shared?.description ?? statusTexts[code] ?? "Refused.";
    responses[code] =
      shared && !reasons
        ? { $ref: `#/components/responses/${shared.name}` }
        : problemResponse(reasons ? `${sentence} Codes: ${reasons.join(", ")}.` : sentence, reasons);
  }
  return responses;
}

/** Where a body is a file, these are not what they are elsewhere. */
function uploadTexts({ mediaTypes, bytesMax }: Upload): { readonly [status: number]: string } {
  return {
    413: `The file is larger than ${bytesMax / 1024} KiB.`,
    415: `The body is none of ${mediaTypes.join(", ")}.`,
  };
}

function refusalStatuses({
  access,
  body,
  rawBody,
  upload,
  query,
  headers,
  path,
  refusals = {},
  isAlwaysUp,
  tag,
}: Endpoint): number[] {
  const statuses = new Set<number>(Object.keys(refusals).map(Number));
  if (body || rawBody || upload || query || headers || path.includes(":")) statuses.add(400);
  if (access !== "anyone") statuses.add(401);
  if (tag !== "Operations") statuses.add(403);
  if (path.includes(":")) statuses.add(404);
  if (body || rawBody || upload) statuses.add(413).add(415);
  statuses.add(429);
  if (!isAlwaysUp || path.startsWith("/api/users")) statuses.add(503);
  return [...statuses].sort((a, b) => a - b);
}

/** `x-codes` are the codes beside those that every operation may answer, for programs that read the document. */
function problemResponse(text: string, codes?: readonly string[]): Json {
  const schema = { $ref: "#/components/schemas/Problem" };
  const content = { "application/problem+json": { schema } };
  return { description: text, ...(codes ? { "x-codes": codes } : {}), content };
}

function answerSchema(schema: TSchema): Json {
  const { $id } = schema as { $id?: string };
  return $id === undefined ? schemaJson(schema) : { $ref: `#/components/schemas/${$id}` };
}

/** The schema as the document has it: without $id, and with references into the components. */
function schemaJson(schema: unknown): Json {
  return JSON.parse(JSON.stringify(schema), (name, value: unknown) => {
    if (name === "$id") return undefined;
    if (name === "$ref" && typeof value === "string")
      return `#/components/schemas/${value.replace(/#$/, "")}`;
    return value;
  }) as Json;
}
