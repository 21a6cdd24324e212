// Everything that can be set, by the part of the shop that reads it.
import { addressNames, addressSetting } from "#platform/kit/addresses.ts";
import { setting, type Environment, type Settings } from "#platform/kit/config.ts";
import { kitPortsOf } from "#platform/kit/broker.ts";
import { contractName, contractSetting } from "#platform/kit/foreign-neighbour.ts";
import type { ExtensionDefinition, PortEntry } from "#platform/kit/extension.ts";
import { settingsInUse, settingsOfPorts } from "#platform/kit/extension-kit.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { loadExtensions, loadServices, shopSettings, type ShopFile } from "#platform/kit/shop-file.ts";
import { AuditConfig } from "../audit/config.ts";
import { BackupConfig } from "../backup/config.ts";
import { calledBy } from "./service-alone.ts";

/** A part of the shop and what it reads. */
export interface SettingGroup {
  readonly name: string;
  readonly settings: Settings;
}

/** All settings there are, whatever is in use. */
export async function allSettingGroups(shop: ShopFile): Promise<SettingGroup[]> {
  const { definitions, extensions } = await loadAll(shop);
  const own = await Promise.all(
    definitions.map(async (definition) => ({
      name: definition.name,
      settings: {
        ...(definition.config as Settings),
        ...(await settingsOfPorts(definition.ports ?? [], extensions)),
      },
    })),
  );
  const kit = await settingsOfPorts(kitPortsOfAll(definitions), extensions);
  return [
    ...sharedGroups(shop),
    { name: "events", settings: kit },
    ...own,
    ...placeGroups(shop, definitions),
  ];
}

/** The settings that a program with this environment reads: the whole shop, or one service alone. */
export async function settingGroupsInUse(
  shop: ShopFile,
  environment: Environment,
  service?: AnyService,
): Promise<SettingGroup[]> {
  const { definitions: readers, extensions } = await loadAll(shop, service);
  const own = await Promise.all(
    readers.map(async (definition) => ({
      name: definition.name,
      settings: {
        ...(definition.config as Settings),
        ...(await settingsInUse(definition.ports ?? [], extensions, environment)),
      },
    })),
  );
  const kit = await settingsInUse(kitPortsOfAll(readers), extensions, environment);
  const shared = sharedGroups(shop).filter(({ name }) => !service || !["audit", "backup"].includes(name));
  const asked = service && new Set([...(await calledBy(shop, service)), ...(service.reaches ?? [])]);
  const isAsked = (name: string) => asked?.has(name) ?? true;
  return [...shared, { name: "events", settings: kit }, ...own, ...placeGroups(shop, readers, isAsked)];
}

/** The same port of several services is set once. */
function kitPortsOfAll(definitions: readonly AnyService[]): PortEntry[] {
  return [...new Set(definitions.flatMap(kitPortsOf))];
}

/** One service alone loads nothing of the others: what they are made of would stay in its memory. */
async function loadAll(
  shop: ShopFile,
  service?: AnyService,
): Promise<{ definitions: readonly AnyService[]; extensions: ExtensionDefinition[] }> {
  const definitions = service ? [service] : await loadServices(shop);
  const names = definitions.map(({ name }) => name);
  return { definitions, extensions: await loadExtensions(shop, names) };
}

function sharedGroups(shop: ShopFile): SettingGroup[] {
  return [
    { name: "platform", settings: PlatformConfig },
    { name: "shop", settings: shopSettings(shop) },
    { name: "flags", settings: shop.flags },
    { name: "audit", settings: AuditConfig },
    { name: "backup", settings: BackupConfig },
  ];
}

/** Where the others are and where each keeps its data. */
function placeGroups(
  shop: ShopFile,
  readers: readonly AnyService[],
  isAsked: (service: string) => boolean = () => true,
): SettingGroup[] {
  const declared = new Set(readers.flatMap(({ config }) => Object.keys(config as Settings)));
  const addresses = shop.services
    .filter(({ name }) => isAsked(name))
    .map(({ name }) => [name, addressNames(name)[0]] as const)
    .filter(([, setting]) => !declared.has(setting))
    .map(([name, setting]) => [setting, addressSetting(name, shop.addressAliases[name])]);
  const contracts = shop.services
    .filter(({ name, foreign }) => foreign && isAsked(name))
    .map(({ name }) => [contractName(name), contractSetting(name)]);
  const databases = readers
    .filter(({ database }) => database !== undefined)
    .flatMap(({ name, readsReplica = false }) => {
      const prefix = name.toUpperCase().replaceAll("-", "_");
      const own = [
        [`${prefix}_DATABASE_URL`, databaseSetting(name)],
        [`${prefix}_DATABASE_DIRECT_URL`, directSetting(name)],
      ] as const;
      return readsReplica ? [...own, [`${prefix}_DATABASE_READ_URL`, replicaSetting(name)] as const] : own;
    });
  return [
    { name: "addresses", settings: Object.fromEntries([...addresses, ...contracts]) as Settings },
    { name: "databases", settings: Object.fromEntries(databases) as Settings },
  ];
}

function directSetting(service: string) {
  return setting.optionalUrl({
    schemes: ["postgres", "postgresql"],
    doc: `The database of the ${service} service without a pooler in between, for its migrations; before DATABASE_DIRECT_URL.`,
  });
}

function replicaSetting(service: string) {
  return setting.optionalUrl({
    schemes: ["postgres", "postgresql"],
    doc: `A streaming replica of the database of the ${service} service, for lists, searches and details; the primary answers where it lags or is away.`,
  });
}

function databaseSetting(service: string) {
  return setting.optionalUrl({
    schemes: ["postgres", "postgresql"],
    doc: `The database of the ${service} service, before DATABASE_URL and DATABASE_HOST.`,
  });
}
