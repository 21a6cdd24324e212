/** JSON Schema as the TypeScript that a caller sees: names for components, `readonly` throughout, nothing of what only validates. */
export type Json = { readonly [name: string]: unknown };

const readonlyList = (item: string) => (/^\w+$/.test(item) ? `readonly ${item}[]` : `readonly (${item})[]`);

/** The type of a schema. Throws at words it does not know, so that no contract is shown wider than it is. */
export function typeOf(schema: Json, indent = ""): string {
  const { $ref, type, items, anyOf, oneOf } = schema as {
    readonly $ref?: string;
    readonly type?: string | readonly string[];
    readonly items?: Json;
    readonly anyOf?: readonly Json[];
    readonly oneOf?: readonly Json[];
  };
  const choices = schema["enum"] as readonly unknown[] | undefined;
  if ($ref !== undefined) return nameIn($ref);
  if (choices) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  if (anyOf) return anyOf.map((one) => typeOf(one, indent)).join(" | ");
  if (oneOf) return eitherType(schema, oneOf, indent);
  if (typeof type === "object")
    return type.map((one) => typeOf({ ...schema, type: one }, indent)).join(" | ");
  if (type === "array") return readonlyList(typeOf(items ?? {}, indent));
  if (type === "object") return objectType(schema, indent);
  const plain: { readonly [type: string]: string } = {
    string: "string",
    integer: "number",
    number: "number",
    boolean: "boolean",
    null: "null",
  };
  if (type === undefined) return "unknown";
  const found = plain[type];
  if (found === undefined) throw new Error(`No TypeScript type is known for ${JSON.stringify(schema)}.`);
  return found;
}

function objectType(schema: Json, indent: string): string {
  const {
    properties = {},
    required = [],
    patternProperties = {},
  } = schema as {
    properties?: { [name: string]: Json };
    required?: readonly string[];
    patternProperties?: { [pattern: string]: Json };
  };
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, property]) => {
    const isRequired = required.includes(name);
    const key = /^[\w$]+$/.test(name) ? name : JSON.stringify(name);
    const value = `${typeOf(property, inner)}${isRequired ? "" : " | undefined"}`;
    return `${docOf(property["description"], inner)}${inner}readonly ${key}${isRequired ? "" : "?"}: ${value};\n`;
  });
  for (const [pattern, property] of Object.entries(patternProperties)) {
    const prefix = /^\^(\w+)\\\./.exec(pattern)?.[1];
    const key = prefix === undefined ? "string" : `\`${prefix}.\${string}\``;
    fields.push(
      `${inner}readonly [name: ${key}]: ${typeOf(property, inner)}${prefix ? " | undefined" : ""};\n`,
    );
  }
  const isOpen = fields.length === 0;
  return isOpen ? "{ readonly [name: string]: unknown }" : `{\n${fields.join("")}${indent}}`;
}

/** An object of which exactly one of some fields is given. */
function eitherType(schema: Json, choices: readonly Json[], indent: string): string {
  const {
    oneOf: _,
    properties,
    ...rest
  } = schema as { oneOf: unknown; properties?: { [name: string]: Json } };
  const fields = properties ?? {};
  const named = choices.map(({ required }) => (required as readonly string[] | undefined) ?? []);
  if (named.some((names) => names.length === 0)) return choices.map((one) => typeOf(one, indent)).join(" | ");
  const either = new Set(named.flat());
  const shared = Object.fromEntries(Object.entries(fields).filter(([name]) => !either.has(name)));
  const forms = named.map((names) => {
    const own = Object.fromEntries(names.map((name) => [name, fields[name] ?? {}]));
    return objectType({ properties: own, required: names }, indent);
  });
  return `${objectType({ ...rest, properties: shared }, indent)} & (${forms.join(" | ")})`;
}

export function nameIn(reference: string): string {
  return reference.split("/").at(-1) ?? reference;
}

/** A comment for editors, or nothing. */
export function docOf(text: unknown, indent: string): string {
  if (typeof text !== "string" || text === "") return "";
  return `${indent}/** ${text.replaceAll("*/", "* /")} */\n`;
}
