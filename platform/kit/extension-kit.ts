// What the kit of a service offers of ports and points, and the checks that go with its door.
import { kitPortsOf } from "./broker.ts";
import { readConfig, setting, type Environment, type Setting, type Settings } from "./config.ts";
import {
  additionsAt,
  type AnyProvider,
  type ExtensionDefinition,
  type PortEntry,
  type ProviderKit,
} from "./extension.ts";
import type { AnyService, Kit, ServiceParts } from "./service.ts";
import { StartError } from "./start-error.ts";

interface Openings {
  readonly definition: AnyService;
  readonly extensions: readonly ExtensionDefinition[];
  readonly environment: Environment;
  readonly kit: Omit<ProviderKit<never>, "service" | "config" | "dataFolder"> & { readonly name: string };
  readonly dataFolder: string;
}

/** The two functions of a kit that reach into extensions. */
export function extensionKit(openings: Openings): Pick<Kit<never, never>, "provider" | "added"> {
  const { definition, extensions, environment, kit, dataFolder } = openings;
  return {
    provider: async (port, given) => {
      const entry = portEntriesOf(definition).find((one) => one.port.name === port.name);
      if (!entry) throw new Error(`The ${definition.name} service has no port ${port.name} in its door.`);
      const chosen = chosenProvider(entry, environment, kit.shop.isEmbedded);
      const provider = await findProvider(entry, chosen, extensions);
      const config = readConfig(provider.config, environment);
      const own = {
        service: definition.name,
        config,
        clock: kit.clock,
        log: kit.log,
        shop: kit.shop,
        dataFolder,
        get db() {
          return kit.db;
        },
      };
      return (await provider.create(own as never, given as never)) as never;
    },
    added: (point) => additionsAt(extensions, point),
  };
}

/** The ports of a service: those in its door, and those of the kit that it has because of what it is. */
export function portEntriesOf(definition: Pick<AnyService, "ports" | "emits">): readonly PortEntry[] {
  return [...(definition.ports ?? []), ...kitPortsOf(definition)];
}

/** What the port's setting says; refused when it must say something and does not. */
export function chosenProvider(entry: PortEntry, environment: Environment, isEmbedded: boolean): string {
  const said = environment[entry.setting] ?? "";
  if (said !== "") return entry.nameIn?.(said) ?? said;
  if (isEmbedded) return entry.default;
  if (!entry.isNamedOutsideEmbedded) return entry.defaultOutsideEmbedded ?? entry.default;
  const names = Object.keys(entry.own).join(", ");
  throw new StartError(
    `${entry.setting} must be set: outside of the one-program shop nothing is taken for granted here. Say which implementation answers, such as ${names}. ${entry.doc}`,
  );
}

/** Everything that can be set about ports: which implementation answers, and the settings of each. */
export async function settingsOfPorts(
  ports: readonly PortEntry[],
  extensions: readonly ExtensionDefinition[],
): Promise<Settings> {
  const parts = await Promise.all(
    ports.map(async (entry) => {
      const own = await Promise.all(Object.values(entry.own).map(async (load) => await load()));
      const provided = providersOf(entry, extensions);
      const names = [...Object.keys(entry.own), ...provided.map(({ name }) => name)].join(", ");
      const doc = `${entry.doc} One of ${names}.`;
      return [
        ...[...own, ...provided].map(({ config }) => config),
        { [entry.setting]: choiceOf(entry, doc) },
      ];
    }),
  );
  return Object.assign({}, ...parts.flat()) as Settings;
}

/** Every implementation that a port's setting may name, by the name that chooses it. */
export async function implementationsOf(
  entry: PortEntry,
  extensions: readonly ExtensionDefinition[],
): Promise<ReadonlyMap<string, AnyProvider>> {
  const own = Object.entries(entry.own).map(async ([name, load]) => [name, await load()] as const);
  const provided = providersOf(entry, extensions).map((provider) => [provider.name, provider] as const);
  return new Map([...provided, ...(await Promise.all(own))]);
}

/** The same, of those implementations alone that are in use. */
export async function settingsInUse(
  ports: readonly PortEntry[],
  extensions: readonly ExtensionDefinition[],
  environment: Environment,
): Promise<Settings> {
  const parts = await Promise.all(
    ports.map(async (entry) => {
      const provider = await findProvider(entry, chosenProvider(entry, environment, true), extensions);
      return [{ [entry.setting]: choiceOf(entry, entry.doc) }, provider.config];
    }),
  );
  return Object.assign({}, ...parts.flat()) as Settings;
}

function choiceOf(entry: PortEntry, doc: string): Setting<unknown> {
  return entry.declared ?? setting.text({ default: entry.default, doc });
}

function providersOf(entry: PortEntry, extensions: readonly ExtensionDefinition[]): AnyProvider[] {
  return extensions.flatMap(({ provides = [] }) =>
    provides.flatMap(({ port, provider }) => (port === entry.port.name ? [provider] : [])),
  );
}

async function findProvider(
  entry: PortEntry,
  chosen: string,
  extensions: readonly ExtensionDefinition[],
): Promise<AnyProvider> {
  const own = Object.hasOwn(entry.own, chosen) ? entry.own[chosen] : undefined;
  if (own) return await own();
  const provided = providersOf(entry, extensions);
  const found = provided.find(({ name }) => name === chosen);
  if (found) return found;
  const names = [...Object.keys(entry.own), ...provided.map(({ name }) => name)].join(", ");
  throw new StartError(
    `${entry.setting} says ${chosen}, which nothing in the shop file answers. There are: ${names}.`,
  );
}

/** The door says which contracts a service answers; what it opens must be just those. */
export function checkContracts(definition: AnyService, parts: ServiceParts): void {
  if (definition.contracts === undefined) return;
  const said = definition.contracts.map(({ typeName }) => typeName).sort();
  const bound = (parts.rpc ?? []).map(({ descriptor }) => descriptor.typeName).sort();
  const isMissing = bound.some((name) => !said.includes(name));
  if (!isMissing) return;
  throw new StartError(
    `The ${definition.name} service answers ${bound.join(", ")}, but its door lists ${said.join(", ")}.`,
  );
}
