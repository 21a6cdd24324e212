import { settingNames } from "#gen/settings.ts";
import { addressNames } from "#platform/kit/addresses.ts";
import { ConfigError, type Environment } from "#platform/kit/config.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { unknownNames } from "#platform/kit/unknown-settings.ts";
import { allSettingGroups } from "./setting-groups.ts";

/** Names that were settings once, and what is said to whoever still sets them; they go after one release. */
const retired: { readonly [name: string]: string } = {
  STOREFRONT_TRUSTED_PROXIES: "Name the addresses of the proxies in TRUSTED_PROXIES.",
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
export async function requireKnownSettings(
  shop: ShopFile,
  environment: Environment,
  print: (line: string) => void,
): Promise<void> {
  for (const [name, advice] of Object.entries(retired))
    if (environment[name]) print(`${name} is not read any more. ${advice}`);
  const prefixes = [...ourPrefixes, ...shop.services.map(({ name }) => `${prefixOf(name)}_`)];
  const names = new Set([...settingNames, ...Object.keys(retired), ...placeNames(shop)]);
  if (unknownNames(environment, { names, prefixes }).length === 0) return;
  for (const { settings } of await allSettingGroups(shop))
    for (const [name, { aliases }] of Object.entries(settings))
      for (const one of [name, ...aliases]) names.add(one);
  const faults = unknownNames(environment, { names, prefixes }).map(({ name, nearest }) =>
    nearest === undefined
      ? `${name} is not a setting; docs/reference/config.md lists those there are.`
      : `${name} is not a setting; did you mean ${nearest}?`,
  );
  if (faults.length > 0) throw new ConfigError(faults);
}

function placeNames({ services, addressAliases }: ShopFile): string[] {
  return services.flatMap(({ name }) => [
    ...addressNames(name, addressAliases[name]),
    `${prefixOf(name)}_DATABASE_URL`,
    `AUDIT_${prefixOf(name)}_DATABASE_URL`,
  ]);
}

function prefixOf(service: string): string {
  return service.toUpperCase().replaceAll("-", "_");
}
