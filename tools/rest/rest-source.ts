/** The TypeScript of gen/rest, written from the OpenAPI document. */
import type { OpenApi, Operation, Parameter } from "../../services/gateway/openapi.ts";
import { docOf, typeOf, type Json } from "./schema-types.ts";

const header = "// Written by npm run gen from the OpenAPI document of the gateway. Do not edit.\n";

interface Entry {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function entriesOf({ paths }: OpenApi): Entry[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

/** Every named schema, and for every operation what it takes, answers and refuses with. */
export function typesSource(document: OpenApi): string {
  if ("Operations" in document.components.schemas)
    throw new Error("The schema name Operations is taken in gen/rest/types.ts.");
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => {
    const type = typeOf(schema);
    const isPlainObject = type.startsWith("{") && !type.includes("} & (");
    const declaration = isPlainObject ? `export interface ${name} ${type}` : `export type ${name} = ${type};`;
    return `${docOf(schema["description"], "")}${declaration}\n`;
  });
  const operations = entriesOf(document).map(({ operation }) => {
    const { operationId, summary } = operation;
    const members = [
      `    readonly request: ${requestType(operation)};`,
      `    readonly answer: ${answerOf(operation).type};`,
      `    readonly code: ${codesOf(operation)};`,
    ];
    return `${docOf(`${summary}.`, "  ")}  readonly ${operationId}: {\n${members.join("\n")}\n  };\n`;
  });
  return `${header}\n${schemas.join("\n")}\n/** All operations by name. */\nexport interface Operations {\n${operations.join("")}}\n`;
}

/** How each operation is sent. */
export function operationsSource(document: OpenApi): string {
  const rows = entriesOf(document).map(({ path, method, operation }) => {
    const headers = [
      ...headerParameters(operation).map(({ name }) => [camelCase(name), name]),
      ...(isUpload(operation) ? [["contentType", "content-type"]] : []),
    ];
    const { mediaType, type } = answerOf(operation);
    const row = {
      method,
      path,
      answers: mediaType,
      ...(type === bytesType ? { isFile: true } : {}),
      ...(headers.length > 0 ? { headers: Object.fromEntries(headers) as object } : {}),
    };
    return `  ${operation.operationId}: ${JSON.stringify(row)},\n`;
  });
  const shape =
    "export interface Operation {\n  readonly method: string;\n  readonly path: string;\n" +
    "  /** Media type of the answer. */\n  readonly answers: string;\n" +
    "  /** The answer is bytes. */\n  readonly isFile?: boolean;\n" +
    "  /** Header parameters: field of the request, name on the wire. */\n" +
    "  readonly headers?: { readonly [field: string]: string };\n}\n";
  return `${header}import type { Operations } from "./types.ts";\n\n${shape}\nexport const operations: { readonly [Id in keyof Operations]: Operation } = {\n${rows.join("")}};\n`;
}

/** The class with one method for each operation. */
export function clientSource(document: OpenApi): string {
  const methods = entriesOf(document).map(({ path, method, operation }) => {
    const { operationId: id, summary, description } = operation;
    const { parameters, requestBody } = operation;
    const isOptional = !requestBody?.["required"] && !parameters.some(({ required }) => required);
    const text = [`${summary}.`, description, `\`${method} ${path}\``].filter(Boolean).join(" ");
    const request = `request: RequestOf<"${id}">${isOptional ? " = {}" : ""}`;
    return `${docOf(text, "  ")}  async ${id}(${request}, options?: SendOptions): Promise<AnswerOf<"${id}">> {\n    return await this.call("${id}", request, options);\n  }\n`;
  });
  return `${header}import { RestClient, type AnswerOf, type RequestOf, type SendOptions } from "./rest-client.ts";

/** One shop's REST API. Every method throws an ApiProblem when it is refused. */
export class StoaClient extends RestClient {
  /** The same shop as somebody else, or as nobody. */
  withToken(token: string | undefined): StoaClient {
    return new StoaClient({ ...this.options, token });
  }

${methods.join("\n")}}
`;
}

function requestType(operation: Operation): string {
  const { parameters, requestBody } = operation;
  const members = [
    parametersMember(
      "path",
      parameters.filter((one) => one.in === "path"),
    ),
    parametersMember(
      "query",
      parameters.filter((one) => one.in === "query"),
    ),
    ...(requestBody ? [bodyMember(requestBody)] : []),
    ...headerParameters(operation).map(
      ({ name, description }) =>
        `${docOf(description, "      ")}      readonly ${camelCase(name)}?: string | undefined;\n`,
    ),
  ];
  const text = members.join("");
  return text === "" ? "{ readonly body?: undefined }" : `{\n${text}    }`;
}

function parametersMember(name: string, parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return "";
  const free = parameters.filter(isFreeForm).map(({ schema }) => schema["patternProperties"] as Json);
  const type = typeOf(
    {
      type: "object",
      properties: Object.fromEntries(
        parameters
          .filter((one) => !isFreeForm(one))
          .map(({ name: field, schema, description }) => [field, { ...schema, description }]),
      ),
      required: parameters.filter(({ required }) => required).map(({ name: field }) => field),
      patternProperties: Object.assign({}, ...free) as Json,
    },
    "      ",
  );
  const isOptional = parameters.every(({ required }) => !required);
  return `      readonly ${name}${isOptional ? "?" : ""}: ${type}${isOptional ? " | undefined" : ""};\n`;
}

/** An object whose fields are parameters themselves, by the rules of `style: form` with `explode`. */
function isFreeForm({ schema }: Parameter): boolean {
  return schema["type"] === "object";
}

/** Over memory of its own, because that is what `fetch` takes. */
const bytesType = "Uint8Array<ArrayBuffer>";

function isUpload({ requestBody }: Operation): boolean {
  return requestBody !== undefined && !("application/json" in (requestBody["content"] as Json));
}

function bodyMember(requestBody: Json): string {
  const mediaTypes = Object.keys(requestBody["content"] as Json);
  if (!mediaTypes.includes("application/json")) {
    const choices = mediaTypes.map((mediaType) => `"${mediaType}"`).join(" | ");
    return `      readonly body: ${bytesType};\n      readonly contentType: ${choices};\n`;
  }
  const type = typeOf(
    Object.values(requestBody["content"] as { [type: string]: { schema: Json } })[0]?.schema ?? {},
    "      ",
  );
  return `      readonly body${requestBody["required"] ? `: ${type}` : `?: ${type} | undefined`};\n`;
}

function headerParameters({ parameters }: Operation): readonly Parameter[] {
  return parameters.filter((one) => one.in === "header");
}

function answerOf({ operationId, responses }: Operation): { type: string; mediaType: string } {
  const done = Object.entries(responses).find(([status]) => status.startsWith("2"))?.[1];
  if (!done) throw new Error(`${operationId} documents no answer.`);
  const [content] = Object.entries((done["content"] ?? {}) as { [type: string]: { schema: Json } });
  if (!content) return { type: "void", mediaType: "application/json" };
  const [mediaType, { schema }] = content;
  if (mediaType === "application/json") return { type: typeOf(schema, "    "), mediaType };
  return { type: schema["format"] === "binary" ? bytesType : "string", mediaType };
}

function codesOf({ responses }: Operation): string {
  const codes = Object.values(responses).flatMap(
    (response) => (response["x-codes"] as readonly string[] | undefined) ?? [],
  );
  return codes.length === 0 ? "never" : [...new Set(codes)].map((code) => `"${code}"`).join(" | ");
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
