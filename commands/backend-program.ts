// One process with every service but the storefront: what it is made of, and what it needs of its environment.
import { ownDatabaseUrl, outsideServer, requireOwnPassword } from "#platform/database/database-home.ts";
import { defineConfig, setting, type ConfigOf, type Environment } from "#platform/kit/config.ts";
import type { AnyService } from "#platform/kit/service.ts";
import type { PlatformConfig } from "#platform/kit/settings.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { faultOf, faultsOfKey, faultsOfProviders } from "./service-alone.ts";

/** Pages are served elsewhere: their processes come and go with visitors, those with databases do not. */
const elsewhere = "storefront";

/** The services of it, in the order of the list. */
export function backendNames({ services }: Pick<ShopFile, "services">): string[] {
  return services.map(({ name }) => name).filter((name) => name !== elsewhere);
}

/** Its ports, so that it can stand where one program with a REST API is expected. */
export const BackendPorts = defineConfig({
  PORT: setting.port({ default: 8080, doc: "HTTP port: the REST API and the admin pages." }),
  HTTP_PORT: setting.port({
    default: 8081,
    doc: "Operations port: /health, /ready, /status/200, /metrics.",
  }),
});

/** Pools of so many services in one process: with more connections each, two processes would want more than a server has. */
const poolMax = "4";

/** The environment as this process reads it: the admin pages are its own, wherever ADMIN_URL leads others. */
export function backendEnvironment(said: Environment): Environment {
  return {
    ...said,
    HOST: said["HOST"] || "0.0.0.0",
    DATABASE_POOL_MAX: said["DATABASE_POOL_MAX"] || poolMax,
    ADMIN_URL: undefined,
  };
}

/** Everything that must be set and is not, or not well enough; empty when it can start. */
export function missingForBackend(
  definitions: readonly AnyService[],
  environment: Environment,
  config: Pick<ConfigOf<typeof PlatformConfig>, "SERVICE_KEY">,
): string[] {
  return [
    ...faultsOfKey(config),
    ...databaseFaults(definitions, environment),
    ...definitions.flatMap((definition) => faultsOfProviders(definition, environment)),
  ];
}

function databaseFaults(definitions: readonly AnyService[], environment: Environment): string[] {
  const stores = definitions.filter(({ database }) => database !== undefined);
  const shared = outsideServer(environment)?.url;
  const urls = stores.map(({ name }) => ownDatabaseUrl(name, environment) ?? shared);
  const homeless = stores.filter((_, index) => urls[index] === undefined).map(({ name }) => name);
  const missing =
    homeless.length === 0
      ? []
      : [
          `These services need a database: ${homeless.join(", ")}. Set DATABASE_HOST, POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB for one database with a schema for each of them, or DATABASE_URL to a server on which each gets a database of its own.`,
        ];
  const named = new Set(urls.filter((url) => url !== undefined));
  return [...missing, ...[...named].flatMap((url) => faultOf(() => requireOwnPassword(url)))];
}
