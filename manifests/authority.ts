/** The authority that databases outside are verified against, where the system does not know it: a file in every pod that asks one. */
import type { Variable } from "./environment.ts";
import type { ShopRelease } from "./shop-release.ts";
import type { Fields } from "./values.ts";

export function hasAuthority(release: ShopRelease): boolean {
  const { postgres, externalDatabases } = release.values;
  return !postgres.enabled && Boolean(externalDatabases.ca.secret || externalDatabases.ca.configMap);
}

export function authorityEnvironment(release: ShopRelease): Variable[] {
  if (!hasAuthority(release)) return [];
  return [
    { name: "DATABASE_CA_FILE", value: `/config/database-ca/${release.values.externalDatabases.ca.key}` },
  ];
}

export function authorityMounts(release: ShopRelease): Fields[] {
  return hasAuthority(release)
    ? [{ name: "database-ca", mountPath: "/config/database-ca", readOnly: true }]
    : [];
}

export function authorityVolumes(release: ShopRelease): Fields[] {
  if (!hasAuthority(release)) return [];
  const { secret, configMap } = release.values.externalDatabases.ca;
  return [
    {
      name: "database-ca",
      ...(secret ? { secret: { secretName: secret } } : { configMap: { name: configMap } }),
    },
  ];
}
