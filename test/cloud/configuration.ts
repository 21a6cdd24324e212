// deploy/terraform as data: every module with its blocks, and what an expression in one of them leads to in another.
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, normalize } from "node:path";
import { cloudToolsFolder } from "../../tools/cloud/tools-folder.ts";

export const terraformFolder = join(import.meta.dirname, "../../deploy/terraform");

/** A block or an expression, as hcl2json writes it: nested blocks are lists, expressions are texts with ${…}. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Body = { [name: string]: Json };

export interface Block {
  /** As Terraform names it: aws_vpc.shop, data.aws_region.here. */
  readonly address: string;
  readonly kind: "resource" | "data" | "ephemeral";
  readonly type: string;
  readonly name: string;
  readonly body: Body;
}

export interface Module {
  /** Below deploy/terraform: modules/network. */
  readonly folder: string;
  readonly blocks: readonly Block[];
  readonly calls: ReadonlyMap<string, Body>;
  readonly variables: ReadonlyMap<string, Body>;
  readonly outputs: ReadonlyMap<string, Body>;
  readonly locals: ReadonlyMap<string, Json>;
  readonly providers: readonly (readonly [name: string, body: Body])[];
  readonly settings: Body;
}

export type Configuration = ReadonlyMap<string, Module>;

type Parse = (file: string, text: string) => Promise<Body>;
const { parse } = createRequire(join(cloudToolsFolder(), "package.json"))("@cdktn/hcl2json") as {
  readonly parse: Parse;
};

/** All of it; `change` may plant a fault into the text of a file. */
export async function readConfiguration(
  change: (file: string, text: string) => string = (_, text) => text,
): Promise<Configuration> {
  const folders = new Map<string, Body[]>();
  for (const file of globSync("**/*.tf", { cwd: terraformFolder }).sort()) {
    const parsed = await parse(file, change(file, readFileSync(join(terraformFolder, file), "utf8")));
    folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), parsed]);
  }
  return new Map([...folders].map(([folder, files]) => [folder, moduleOf(folder, files)]));
}

function moduleOf(folder: string, files: readonly Body[]): Module {
  const named = (kind: string): Map<string, Body> =>
    new Map(
      files.flatMap((file) =>
        Object.entries(bodyOf(file[kind])).map(([name, list]) => [name, firstOf(list)]),
      ),
    );
  const blocksOf = (kind: Block["kind"]): Block[] =>
    files.flatMap((file) =>
      Object.entries(bodyOf(file[kind])).flatMap(([type, all]) =>
        Object.entries(bodyOf(all)).map(([name, list]) => ({
          address: `${kind === "resource" ? "" : `${kind}.`}${type}.${name}`,
          kind,
          type,
          name,
          body: firstOf(list),
        })),
      ),
    );
  return {
    folder,
    blocks: [...blocksOf("resource"), ...blocksOf("data"), ...blocksOf("ephemeral")],
    calls: named("module"),
    variables: named("variable"),
    outputs: named("output"),
    locals: new Map(
      files.flatMap((file) => listOf(file["locals"]).flatMap((body) => Object.entries(bodyOf(body)))),
    ),
    providers: files.flatMap((file) =>
      Object.entries(bodyOf(file["provider"])).flatMap(([name, list]) =>
        listOf(list).map((body) => [name, bodyOf(body)] as const),
      ),
    ),
    settings: Object.assign({}, ...files.flatMap((file) => listOf(file["terraform"]))) as Body,
  };
}

export const listOf = (value: Json | undefined): Json[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
export const bodyOf = (value: Json | undefined): Body =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
export const firstOf = (value: Json | undefined): Body => bodyOf(listOf(value)[0]);

/** A text or a number as it is written; everything else as JSON. */
export const textOf = (value: Json | undefined): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? "");

/** Every text in a value that is an expression, or holds some. */
export function expressionsIn(value: Json): string[] {
  if (typeof value === "string") return value.includes("${") ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(expressionsIn);
}

/** The folder that a call's source names. */
export function sourceOf(module: Module, call: Body): string {
  return normalize(join(module.folder, textOf(call["source"])));
}

export function moduleAt(configuration: Configuration, folder: string): Module {
  const module = configuration.get(folder);
  if (!module) throw new Error(`There is no module in deploy/terraform/${folder}.`);
  return module;
}

export interface Reference {
  /** var, local, module, data, ephemeral or resource. */
  readonly kind: string;
  /** Name of the variable, local or call; address of a resource. */
  readonly name: string;
  /** First attribute after it. */
  readonly attribute: string;
}

const referencePattern =
  /(?<![\w.$-])(?:(var|local|module)\.([\w-]+)|((?:data\.|ephemeral\.)?(?:aws|random)_\w+\.[\w-]+))(?:\[[^\]]*\])?(?:\.([\w-]+))?/g;

export function referencesIn(value: Json): Reference[] {
  return expressionsIn(value).flatMap((text) =>
    [...withoutTexts(text).matchAll(referencePattern)].map(
      ([, kind = "", name = "", address = "", attribute = ""]) =>
        address === "" ? { kind, name, attribute } : { kind: "resource", name: address, attribute },
    ),
  );
}

/** A template without its texts: only what stands in ${…} names anything, and texts in there hold expressions again. */
function withoutTexts(template: string): string {
  // A number is an expression with so many open braces; "text" is what stands around it.
  const inside: (number | "text")[] = ["text"];
  let kept = "";
  for (let at = 0; at < template.length; at += 1) {
    const sign = template[at] ?? "";
    const level = inside.at(-1) ?? "text";
    if (level === "text") {
      if (sign === "\\") at += 1;
      else if (sign === '"' && inside.length > 1) inside.pop();
      else if (/[$%]/.test(sign) && template[at + 1] === "{" && template[at - 1] !== sign) {
        inside.push(0);
        at += 1;
      }
      continue;
    }
    if (sign === '"') inside.push("text");
    else if (sign === "}" && level === 0) inside.pop();
    else if (sign === "{" || sign === "}") inside[inside.length - 1] = level + (sign === "{" ? 1 : -1);
    kept += sign === '"' || (sign === "}" && level === 0) ? '""' : sign;
  }
  return kept;
}

/** A module where it is called from, up to the whole shop. */
export interface Place {
  readonly path: string;
  readonly module: Module;
  readonly call?: { readonly from: Place; readonly arguments: Body };
}

/** The shop and everything that it calls. */
export function placesOf(configuration: Configuration, folder = "modules/shop"): Place[] {
  const walk = (place: Place): Place[] => [
    place,
    ...[...place.module.calls].flatMap(([name, call]) =>
      walk({
        path: place.path === "" ? name : `${place.path}.${name}`,
        module: moduleAt(configuration, sourceOf(place.module, call)),
        call: { from: place, arguments: call },
      }),
    ),
  ];
  return walk({ path: "", module: moduleAt(configuration, folder) });
}

/** Which resources a value leads to, through variables, locals and outputs, as "network/aws_vpc.shop". */
export function resolve(configuration: Configuration, place: Place, value: Json): string[] {
  const found = referencesIn(value).flatMap(({ kind, name, attribute }): string[] => {
    if (kind === "resource") return [`${place.path}/${name}`];
    if (kind === "local") return resolve(configuration, place, place.module.locals.get(name) ?? null);
    if (kind === "var")
      return place.call ? resolve(configuration, place.call.from, place.call.arguments[name] ?? null) : [];
    const call = place.module.calls.get(name);
    if (!call) return [];
    const called: Place = {
      path: place.path === "" ? name : `${place.path}.${name}`,
      module: moduleAt(configuration, sourceOf(place.module, call)),
      call: { from: place, arguments: call },
    };
    return resolve(configuration, called, called.module.outputs.get(attribute)?.["value"] ?? null);
  });
  return [...new Set(found)].sort();
}
