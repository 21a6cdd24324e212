// Where each service's database is: the embedded server, an outside server, or exactly the database that was configured.
import { createHmac } from "node:crypto";
import { isExampleSecret, type Environment } from "#platform/kit/config.ts";
import type { EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";
import { provisionDatabase } from "./provision.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { StartError } from "#platform/kit/start-error.ts";

/** Makes sure a service's database exists, and tells its URL. */
export type DatabaseHome = (service: AnyService) => Promise<string>;

/** Databases of the embedded server: one for each service, with a role that can enter no other. */
export function embeddedHome(server: EmbeddedPostgres): DatabaseHome {
  return async (service) => {
    const database = databaseOf(service);
    const role = { name: `stoa_${service.name}`, password: rolePassword(server.adminUrl, service.name) };
    await provisionDatabase({
      adminUrl: server.adminUrl,
      database,
      role: role.name,
      password: role.password,
    });
    return server.urlFor(database, role);
  };
}

/** Databases on an outside server that `url` may create; each service gets its own, entered with the same account. */
export function serverHome(url: string, environment: Environment): DatabaseHome {
  return async (service) => {
    const own = ownUrl(service.name, environment);
    if (own !== undefined) return own;
    const account = new URL(url);
    const database = databaseOf(service);
    const target = new URL(url);
    target.pathname = `/${database}`;
    await provisionDatabase({
      adminUrl: url,
      database,
      role: decodeURIComponent(account.username),
      password: decodeURIComponent(account.password),
    });
    return target.href;
  };
}

/** The one database of a service alone. Throws a StartError when none is configured. */
export function singleHome(environment: Environment): DatabaseHome {
  return (service) => {
    const url =
      ownUrl(service.name, environment) ?? environment["DATABASE_URL"] ?? seedStyleUrl(service, environment);
    if (url === undefined) {
      const name = `${service.name.toUpperCase()}_DATABASE_URL`;
      throw new StartError(
        `The ${service.name} service needs a database. Set DATABASE_URL (or ${name}) to postgres://user:password@host:5432/${databaseOf(service)}.`,
      );
    }
    if (isExampleSecret(decodeURIComponent(URL.parse(url)?.password ?? ""))) {
      throw new StartError(
        "The database password is an example value that anyone can look up. Choose one of your own.",
      );
    }
    return Promise.resolve(url);
  };
}

/** Brings a service's database up to date: the kit's tables first, then its own. */
export async function migrateService(service: AnyService, url: string): Promise<number> {
  const migrations = await readMigrations("platform", platformMigrations);
  if (service.migrations) migrations.push(...(await readMigrations(service.name, service.migrations)));
  return await migrate(url, migrations);
}

function ownUrl(name: string, environment: Environment): string | undefined {
  return environment[`${name.toUpperCase()}_DATABASE_URL`] || undefined;
}

/** DATABASE_HOST and POSTGRES_* as many charts set them; DATABASE_URL comes before them. */
function seedStyleUrl(service: AnyService, environment: Environment): string | undefined {
  const host = environment["DATABASE_HOST"];
  const user = environment["POSTGRES_USER"];
  if (!host || !user) return undefined;
  const password = encodeURIComponent(environment["POSTGRES_PASSWORD"] ?? "");
  const database = environment["POSTGRES_DB"] ?? databaseOf(service);
  return `postgres://${encodeURIComponent(user)}:${password}@${host}:${environment["DATABASE_PORT"] ?? "5432"}/${database}`;
}

function databaseOf(service: AnyService): string {
  if (service.database === undefined) throw new Error(`The ${service.name} service has no database.`);
  return service.database;
}

/** Roles' passwords follow from the superuser's, which lies in the data folder: nothing more to keep. */
function rolePassword(adminUrl: string, service: string): string {
  return createHmac("sha256", new URL(adminUrl).password).update(service).digest("base64url");
}
