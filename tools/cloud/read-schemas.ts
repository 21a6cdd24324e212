/**
 * `node tools/cloud/read-schemas.ts <node_modules>`: writes test/cloud/provider-schemas.json, the arguments and attributes of every kind of
 * resource that deploy/terraform uses, as the providers' own schemas say. They are read off the bindings that are generated from these
 * schemas, `@cdktn/provider-aws` and `@cdktn/provider-random`: 500 MB, so they are installed by hand, in a folder elsewhere, for this alone.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BlockSchema, ProviderSchema, ProviderSchemas } from "../../test/cloud/provider-schema.ts";

const root = resolve(import.meta.dirname, "../..");

interface Field {
  readonly computed: boolean;
  readonly optional: boolean;
  readonly required: boolean;
  /** The class of a nested block. */
  readonly made: string | undefined;
  readonly getter: string | undefined;
  readonly isSet: boolean;
}

interface Entry {
  readonly type: string;
  readonly storage: string;
}

/** One generated file: its classes with their fields, and how each settable field is written. */
class Bindings {
  readonly #classes = new Map<string, { readonly base: string; readonly fields: Map<string, Field> }>();
  readonly #written = new Map<string, Map<string, Entry>>();
  readonly #top: Map<string, Entry>;

  constructor(text: string) {
    for (const part of text.split(/^class /m).slice(1)) {
      const [, name = "", base = ""] = /^(\w+) extends cdktn\.(\w+)/.exec(part) ?? [];
      if (name !== "") this.#classes.set(name, { base, fields: fieldsOf(part) });
    }
    const writers = /^function (\w+)ToHclTerraform\(struct\) \{[\s\S]*?const attrs = \{([\s\S]*?)\n {4}\};/gm;
    for (const [, name = "", body = ""] of text.matchAll(writers))
      this.#written.set(name.toLowerCase(), entriesOf(body));
    this.#top = entriesOf(/synthesizeHclAttributes\(\) \{[\s\S]*/.exec(text)?.[0] ?? "");
  }

  schema(): BlockSchema {
    for (const [name, { base }] of this.#classes)
      if (/^Terraform(Resource|DataSource|EphemeralResource|Provider)$/.test(base))
        return this.#block(name, this.#top);
    throw new Error("The file declares no resource, data source, ephemeral resource or provider.");
  }

  #block(name: string, written: ReadonlyMap<string, Entry>): BlockSchema {
    const schema: BlockSchema = { attributes: {}, blocks: {} };
    for (const [field, said] of this.#classes.get(name)?.fields ?? []) {
      const { made, computed, optional, required } = said;
      const isReadOnly = computed && !optional && !required;
      if (made === undefined || isReadOnly) {
        const how = `${required ? "r" : ""}${optional ? "o" : ""}${computed ? "c" : ""}`;
        schema.attributes[field] = [typeOf(written.get(field), said), how];
        continue;
      }
      const inner = made.endsWith("OutputReference") ? made : made.replace(/List$|Map$/, "OutputReference");
      const own = this.#written.get(inner.replace(/OutputReference$/, "").toLowerCase()) ?? new Map();
      const nested = this.#block(inner, own);
      const nesting = written.get(field)?.type === "set" ? "set" : "list";
      schema.blocks[field] =
        field === "timeouts"
          ? { ...nested, nesting: "single" }
          : { ...nested, nesting, ...(inner === made ? { max: 1 } : {}), ...(required ? { min: 1 } : {}) };
    }
    return schema;
  }
}

function fieldsOf(part: string): Map<string, Field> {
  const head = / {4}\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n/g;
  const heads = [...part.matchAll(head)];
  return new Map(
    heads.map((match, index) => {
      const body = part.slice(match.index + match[0].length, heads[index + 1]?.index);
      const [made] = /(?<== new )(?!cdktn\.)\w+(?=\(this, ")/.exec(body) ?? [];
      const [getter] = /(?<=this\.get)\w+(?=Attribute\()/.exec(body) ?? [];
      const [, name = "", computed, optional, required] = match;
      return [
        name,
        {
          computed: computed === "true",
          optional: optional === "true",
          required: required === "true",
          made,
          getter,
          isSet: body.includes("tolist("),
        },
      ];
    }),
  );
}

function entriesOf(body: string): Map<string, Entry> {
  const entry =
    /^\s+(\w+): \{\n\s+value: .*\n\s+isBlock: (?:true|false),\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)",/gm;
  return new Map(
    [...body.matchAll(entry)].map(([, name = "", type = "", storage = ""]) => [name, { type, storage }]),
  );
}

const plain: Readonly<Record<string, string>> = {
  string: "string",
  String: "string",
  number: "number",
  Number: "number",
  boolean: "bool",
  Boolean: "bool",
};

/** As Terraform writes types; what is nested in other values is left open. */
function typeOf(entry: Entry | undefined, { getter = "", isSet }: Field): string | [string, string] {
  const said = entry === undefined ? getter : entry.storage;
  const simple = plain[said];
  if (simple !== undefined) return simple;
  const [, of = "", kind = ""] =
    /^(String|Number|Boolean|string|number|boolean)?(List|Map)$/.exec(said) ?? [];
  if (kind === "") return "dynamic";
  const container = kind === "Map" ? "map" : entry === undefined ? (isSet ? "set" : "list") : entry.type;
  return [container, plain[of] ?? "string"];
}

/** The bindings leave the statement of a rule open, because it can hold itself; these are the two kinds that are used. */
function withStatements(schema: BlockSchema): BlockSchema {
  const rule = schema.blocks["rule"];
  if (!rule) throw new Error("A web access list has no block rule.");
  delete rule.attributes["statement"];
  const one = { nesting: "list", max: 1 } as const;
  const count = { ...one, attributes: {}, blocks: {} };
  rule.blocks["statement"] = {
    ...one,
    min: 1,
    attributes: {},
    blocks: {
      rate_based_statement: {
        ...one,
        attributes: {
          limit: ["number", "r"],
          evaluation_window_sec: ["number", "o"],
          aggregate_key_type: ["string", "o"],
        },
        blocks: {},
      },
      managed_rule_group_statement: {
        ...one,
        attributes: { name: ["string", "r"], vendor_name: ["string", "r"], version: ["string", "o"] },
        blocks: {
          rule_action_override: {
            nesting: "list",
            attributes: { name: ["string", "r"] },
            blocks: { action_to_use: { ...one, min: 1, attributes: {}, blocks: { count } } },
          },
        },
      },
    },
  };
  return schema;
}

/** The bindings give blocks of the provider itself no class; this is the one that is used. */
function withDefaultTags(schema: BlockSchema): BlockSchema {
  if (schema.attributes["default_tags"] === undefined) return schema;
  delete schema.attributes["default_tags"];
  const attributes = { tags: [["map", "string"], "o"] } satisfies BlockSchema["attributes"];
  schema.blocks["default_tags"] = { nesting: "list", max: 1, attributes, blocks: {} };
  return schema;
}

function readProvider(modules: string, provider: string): ProviderSchema {
  const folder = join(modules, "@cdktn", `provider-${provider}`);
  const { cdktn } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly cdktn: { readonly provider: { readonly version: string } };
  };
  const read = (file: string) =>
    new Bindings(readFileSync(join(folder, "lib", file.replaceAll("_", "-"), "index.js"), "utf8")).schema();
  const schema: ProviderSchema = {
    version: cdktn.provider.version,
    provider: withDefaultTags(read("provider")),
    resource: {},
    data: {},
    ephemeral: {},
  };
  for (const [kind, type] of usedKinds()) {
    if (!type.startsWith(`${provider}_`)) continue;
    const short = type.slice(provider.length + 1);
    const file = { resource: short, data: `data_${type}`, ephemeral: `ephemeral_${type}` }[kind];
    const found = read(file);
    schema[kind][type] = type === "aws_wafv2_web_acl" ? withStatements(found) : found;
  }
  return schema;
}

function usedKinds(): ["resource" | "data" | "ephemeral", string][] {
  const kinds = new Set<string>();
  for (const file of globSync("deploy/terraform/**/*.tf", { cwd: root }))
    for (const [, kind = "", type = ""] of readFileSync(join(root, file), "utf8").matchAll(
      /^(resource|data|ephemeral) "(\w+)"/gm,
    ))
      kinds.add(`${kind} ${type}`);
  return [...kinds].sort().map((text) => text.split(" ") as ["resource" | "data" | "ephemeral", string]);
}

const [modules] = process.argv.slice(2);
if (modules === undefined)
  throw new Error(
    "Name the folder node_modules in which @cdktn/provider-aws and @cdktn/provider-random are installed.",
  );
const schemas: ProviderSchemas = {
  aws: readProvider(modules, "aws"),
  random: readProvider(modules, "random"),
};
writeFileSync(join(root, "test/cloud/provider-schemas.json"), `${JSON.stringify(schemas)}\n`);
