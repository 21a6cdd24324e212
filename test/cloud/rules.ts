// What deploy/terraform is held to, each rule a list of the sentences that it finds wrong.
import { providerSchemas, type BlockSchema } from "./provider-schema.ts";
import {
  bodyOf,
  listOf,
  textOf,
  moduleAt,
  referencesIn,
  sourceOf,
  type Block,
  type Body,
  type Configuration,
  type Json,
  type Module,
} from "./configuration.ts";

export type Rule = (configuration: Configuration) => string[];

const schemas = providerSchemas();
const modulesOf = (configuration: Configuration) => [...configuration.values()];
const isRoot = ({ folder }: Module) => folder.startsWith("environments/") || folder === "account";
export const where = ({ folder }: Module, { address }: Block) => `${folder}: ${address}`;

/** Every variable, local, call, output and resource that an expression names is there. */
export const referencesResolve: Rule = (configuration) =>
  modulesOf(configuration).flatMap((module) => {
    const addresses = new Set(module.blocks.map(({ address }) => address));
    const all: Json[] = [
      ...module.blocks.map(({ body }) => body),
      ...module.calls.values(),
      ...module.outputs.values(),
      ...module.locals.values(),
      ...module.providers.map(([, body]) => body),
    ];
    return all.flatMap(referencesIn).flatMap(({ kind, name, attribute }) => {
      const say = (what: string) => [`${module.folder} names ${what}, which is not there.`];
      if (kind === "var") return module.variables.has(name) ? [] : say(`var.${name}`);
      if (kind === "local") return module.locals.has(name) ? [] : say(`local.${name}`);
      if (kind === "resource") return addresses.has(name) ? [] : say(name);
      const call = module.calls.get(name);
      if (!call) return say(`module.${name}`);
      const called = moduleAt(configuration, sourceOf(module, call));
      return attribute === "" || called.outputs.has(attribute) ? [] : say(`module.${name}.${attribute}`);
    });
  });

const metaOfCalls = new Set(["source", "count", "for_each", "providers", "depends_on"]);

/** A call passes what the module wants, and nothing that it does not know; every variable and output is used and described. */
export const callsFit: Rule = (configuration) =>
  modulesOf(configuration).flatMap((module) => {
    const calls = [...module.calls].flatMap(([name, call]) => {
      const { variables } = moduleAt(configuration, sourceOf(module, call));
      const unknown = Object.keys(call).filter((key) => !metaOfCalls.has(key) && !variables.has(key));
      const missing = [...variables].filter(
        ([key, { default: byDefault }]) => byDefault === undefined && !(key in call),
      );
      return [
        ...unknown.map((key) => `${module.folder} passes ${key} to ${name}, which knows no such variable.`),
        ...missing.map(([key]) => `${module.folder} does not pass ${key} to ${name}.`),
      ];
    });
    const used = new Set(
      [
        ...module.blocks.map(({ body }) => body),
        ...module.calls.values(),
        ...module.outputs.values(),
        ...module.locals.values(),
        ...module.providers.map(([, body]) => body),
      ]
        .flatMap(referencesIn)
        .map(({ kind, name }) => `${kind}.${name}`),
    );
    const variables = [...module.variables].flatMap(([name, { type, description }]) => [
      ...(type && description
        ? []
        : [`${module.folder}: the variable ${name} has no type or no description.`]),
      ...(used.has(`var.${name}`) ? [] : [`${module.folder}: nobody uses the variable ${name}.`]),
    ]);
    const outputs = [...module.outputs].flatMap(([name, { description }]) =>
      description ? [] : [`${module.folder}: the output ${name} has no description.`],
    );
    return [...calls, ...variables, ...outputs];
  });

const metaOfBlocks = new Set([
  "count",
  "for_each",
  "provider",
  "depends_on",
  "lifecycle",
  "connection",
  "provisioner",
]);

/** Arguments and blocks are those that the provider knows, and all that it wants are there. */
export const argumentsFit: Rule = (configuration) =>
  modulesOf(configuration).flatMap((module) =>
    module.blocks.flatMap((block) => {
      const provider = block.type.startsWith("random_") ? schemas.random : schemas.aws;
      const schema = provider[block.kind][block.type];
      if (!schema) return [`${where(module, block)}: ${block.type} is not in provider-schemas.json.`];
      const body = Object.fromEntries(Object.entries(block.body).filter(([name]) => !metaOfBlocks.has(name)));
      return faultsIn(body, schema).map((fault) => `${where(module, block)}: ${fault}`);
    }),
  );

function faultsIn(body: Body, { attributes, blocks }: BlockSchema): string[] {
  const dynamic = bodyOf(body["dynamic"]);
  const given = Object.keys(body).filter((name) => name !== "dynamic");
  const unknown = given.filter((name) => !(name in attributes) && !(name in blocks));
  const settable = given.filter((name) => attributes[name]?.[1] === "c");
  const missing = [
    ...Object.entries(attributes).filter(([name, [, how]]) => how.includes("r") && !(name in body)),
    ...Object.entries(blocks).filter(
      ([name, { min = 0 }]) => min > 0 && !(name in body) && !(name in dynamic),
    ),
  ];
  const nested = Object.entries(blocks).flatMap(([name, schema]) =>
    [
      ...listOf(body[name]).map(bodyOf),
      ...listOf(dynamic[name]).flatMap((one) => listOf(bodyOf(one)["content"]).map(bodyOf)),
    ].flatMap((inner) => faultsIn(inner, schema).map((fault) => `${name}: ${fault}`)),
  );
  return [
    ...unknown.map((name) => `there is no argument ${name}.`),
    ...settable.map((name) => `${name} cannot be set.`),
    ...missing.map(([name]) => `${name} is missing.`),
    ...Object.keys(dynamic).flatMap((name) => (name in blocks ? [] : [`there is no block ${name}.`])),
    ...nested,
  ];
}

const wantedTags = ["application", "cost-center", "environment", "managed-by"];

/** Everything has the tags by which it is found and paid, also what the provider's default tags do not reach. */
export const everythingIsTagged: Rule = (configuration) =>
  modulesOf(configuration).flatMap((module) => {
    const faults: string[] = [];
    if (isRoot(module)) {
      const tags = Object.keys(bodyOf(module.locals.get("tags"))).sort();
      const given = module.providers.filter(([name]) => name === "aws");
      const tagged = given.filter(
        ([, body]) => bodyOf(listOf(body["default_tags"])[0])["tags"] === "${local.tags}",
      );
      if (given.length !== 1 || tagged.length !== 1 || tags.join() !== wantedTags.join())
        faults.push(
          `${module.folder}: the provider does not give the tags ${wantedTags.join(", ")} to everything.`,
        );
    } else if (module.providers.length > 0)
      faults.push(`${module.folder}: a module has no provider of its own.`);
    for (const block of module.blocks) {
      const { tag_specifications: specifications } = bodyOf(block.body["dynamic"]);
      if (block.type === "aws_launch_template" && !JSON.stringify(specifications ?? "").includes("var.tags"))
        faults.push(`${where(module, block)} makes machines without tags.`);
      if (block.type === "aws_ecs_service" && block.body["propagate_tags"] !== "SERVICE")
        faults.push(`${where(module, block)} makes tasks without tags.`);
    }
    return faults;
  });

/** The state of a root is elsewhere, encrypted and locked, and providers are one version. */
export const statesAreKept: Rule = (configuration) =>
  modulesOf(configuration).flatMap((module) => {
    const providers = Object.entries(bodyOf(listOf(module.settings["required_providers"])[0]));
    const versions = providers.map(([, said]) => textOf(bodyOf(said)["version"]));
    if (!module.settings["required_version"])
      return [`${module.folder} does not say which Terraform it needs.`];
    if (!isRoot(module))
      return versions.every((version) => version.startsWith("~> "))
        ? []
        : [`${module.folder} takes any version of a provider.`];
    const pins = providers.flatMap(([name, said]) =>
      bodyOf(said)["version"] === schemas[name === "random" ? "random" : "aws"].version
        ? []
        : [
            `${module.folder} does not pin ${name} to ${schemas[name === "random" ? "random" : "aws"].version}.`,
          ],
    );
    const backend = bodyOf(listOf(bodyOf(listOf(module.settings["backend"])[0] ?? {})["s3"])[0]);
    const s3 =
      Object.keys(backend).length > 0 ? backend : bodyOf(listOf(bodyOf(module.settings["backend"])["s3"])[0]);
    const isKept = module.folder === "account" || (s3["encrypt"] === true && s3["use_lockfile"] === true);
    return [...pins, ...(isKept ? [] : [`${module.folder}: the state is not encrypted and locked.`])];
  });
