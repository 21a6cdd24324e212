import { settingNames } from "#gen/settings.ts";
import { addressNames } from "#platform/kit/addresses.ts";
import { ConfigError, type Environment } from "#platform/kit/config.ts";
import { contractName } from "#platform/kit/foreign-neighbour.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { unknownNames } from "#platform/kit/unknown-settings.ts";
import { allSettingGroups } from "./setting-groups.ts";

/** Names that were settings once, what in them means nothing, and what is said to whoever still sets them to something else. */
const retired: { readonly [name: string]: { readonly harmless: string; readonly advice: string } } = {
  STOREFRONT_TRUSTED_PROXIES: {
    harmless: "0",
    advice: "name the addresses of the proxies in TRUSTED_PROXIES, for all that speak HTTP.",
  },
};

const ourPrefixes = [
  "SHOP_",
  "STOA_",
  "AUDIT_",
  "DRAIN_",
  "HIPSTERSHOP_",
  "TRUSTED_",
  "EVENTS_",
  "GRPC_TLS",
  "HTTP_TLS",
];

/**
 * Refuses names that nothing reads although they look like ours. What the shop's own code reads is known from gen/; only when a
 * name is not among it, the whole shop with its extensions is asked what it reads.
 */
export async function requireKnownSettings(shop: ShopFile, environment: Environment): Promise<void> {
  const faults = Object.entries(retired)
    .filter(([name, { harmless }]) => ![undefined, "", harmless].includes(environment[name]))
    .map(([name, { advice }]) => `${name} is not a setting any more: ${advice}`);
  faults.push(...(await unknownFaults(shop, environment)));
  if (faults.length > 0) throw new ConfigError(faults);
}

async function unknownFaults(shop: ShopFile, environment: Environment): Promise<string[]> {
  const prefixes = [...ourPrefixes, ...shop.services.map(({ name }) => `${prefixOf(name)}_`)];
  const names = new Set([...settingNames, ...Object.keys(retired), ...placeNames(shop)]);
  if (unknownNames(environment, { names, prefixes }).length === 0) return [];
  for (const { settings } of await allSettingGroups(shop))
    for (const [name, { aliases }] of Object.entries(settings))
      for (const one of [name, ...aliases]) names.add(one);
  return unknownNames(environment, { names, prefixes }).map(({ name, nearest }) =>
    nearest === undefined
      ? `${name} is not a setting; docs/reference/config.md lists those there are.`
      : `${name} is not a setting; did you mean ${nearest}?`,
  );
}

/** Where services and their databases are. */
export function placeNames({ services, addressAliases }: ShopFile): string[] {
  return services.flatMap(({ name }) => [
    ...addressNames(name, addressAliases[name]),
    contractName(name),
    `${prefixOf(name)}_DATABASE_URL`,
    `${prefixOf(name)}_DATABASE_READ_URL`,
    `${prefixOf(name)}_DATABASE_DIRECT_URL`,
    `AUDIT_${prefixOf(name)}_DATABASE_URL`,
  ]);
}

/** With what the names of its settings begin. */
export function prefixOf(service: string): string {
  return service.toUpperCase().replaceAll("-", "_");
}
