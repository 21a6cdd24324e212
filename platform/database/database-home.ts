// Where each service's database is: the embedded server, an outside server, or exactly the database that was configured.
import { createHmac } from "node:crypto";
import { isExampleSecret, type Environment } from "#platform/kit/config.ts";
import type { EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { migrate, platformMigrations, readMigrations, type Migration } from "./migrate.ts";
import { withParameters } from "./connection.ts";
import { planMigrations, type MigrationPlan } from "./migration-plan.ts";
import { provisionDatabase } from "./provision.ts";
import { schemaUrl } from "./service-schema.ts";
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

/** An outside server for the whole shop. */
export interface OutsideServer {
  readonly url: string;
  /** One database for all services, each in a schema of its own; otherwise each has a database. */
  readonly isShared: boolean;
}

/** The outside server that the environment names: DATABASE_URL, else DATABASE_HOST with POSTGRES_USER. */
export function outsideServer(environment: Environment): OutsideServer | undefined {
  const url = environment["DATABASE_URL"];
  if (url) return { url: withTls(url, environment), isShared: false };
  const seedUrl = seedStyleUrl(environment);
  return seedUrl === undefined ? undefined : { url: seedUrl, isShared: Boolean(environment["POSTGRES_DB"]) };
}

/** Where each service's tables are on an outside server, made if need be. */
export function outsideHome({ url, isShared }: OutsideServer, environment: Environment): DatabaseHome {
  if (!isShared) return serverHome(url, environment);
  return async ({ name }) => ownDatabaseUrl(name, environment) ?? (await schemaUrl(url, name));
}

/** Databases on an outside server that `url` may create; each service gets its own, entered with the same account. */
export function serverHome(url: string, environment: Environment): DatabaseHome {
  return async (service) => {
    const own = ownDatabaseUrl(service.name, environment);
    if (own !== undefined) return own;
    const account = new URL(url);
    const database = databaseOf(service);
    const target = new URL(url);
    target.pathname = `/${database}`;
    await provisionDatabase({
      adminUrl: withTls(environment["DATABASE_DIRECT_URL"] || url, environment),
      database,
      role: decodeURIComponent(account.username),
      password: decodeURIComponent(account.password),
    });
    return target.href;
  };
}

/**
 * Where each service's tables are for a process with many services and no server of its own: its own URL, else on the outside server that the
 * environment names. Throws a StartError for a service without either.
 */
export function backendHome(environment: Environment): DatabaseHome {
  const outside = outsideServer(environment);
  const shared = outside && outsideHome(outside, environment);
  return async (service) => {
    const own = ownDatabaseUrl(service.name, environment);
    if (own !== undefined) return own;
    if (shared) return await shared(service);
    throw new StartError(
      `The ${service.name} service needs a database. Set ${prefixOf(service.name)}_DATABASE_URL, or name a server for all services.`,
    );
  };
}

/** The one database of a service alone. Throws a StartError when none is configured. */
export function singleHome(environment: Environment): DatabaseHome {
  return async (service) => {
    const { url, isShared } = singleServer(service, environment);
    return isShared ? await schemaUrl(url, service.name) : url;
  };
}

/** Whether the environment names the database of one of these services: then others have made them, and each is exactly what its URL says. */
export function namesDatabases(services: readonly string[], environment: Environment): boolean {
  return services.some((name) => ownDatabaseUrl(name, environment) !== undefined);
}

/** What singleHome will use; nothing is connected. Throws a StartError when the environment names no database. */
export function singleServer(service: AnyService, environment: Environment): OutsideServer {
  const url = ownDatabaseUrl(service.name, environment) ?? environment["DATABASE_URL"];
  const seedUrl = url ? undefined : seedStyleUrl(environment, databaseOf(service));
  if (!url && seedUrl === undefined) {
    const name = `${service.name.toUpperCase()}_DATABASE_URL`;
    throw new StartError(
      `The ${service.name} service needs a database. Set DATABASE_URL (or ${name}) to postgres://user:password@host:5432/${databaseOf(service)}.`,
    );
  }
  requireOwnPassword(url || (seedUrl ?? ""));
  if (url) return { url: withTls(url, environment), isShared: false };
  return { url: seedUrl ?? "", isShared: Boolean(environment["POSTGRES_DB"]) };
}

/** Throws a StartError for a password that stands in examples. */
export function requireOwnPassword(url: string): void {
  if (isExampleSecret(decodeURIComponent(URL.parse(url)?.password ?? "")))
    throw new StartError(
      "The database password is an example value that anyone can look up. Choose one of your own.",
    );
}

/** Brings a service's database up to date: the kit's tables first, then its own. */
export async function migrateService(
  service: AnyService,
  url: string,
  environment: Environment = {},
): Promise<number> {
  return await migrate(directUrl(service, environment, url), await migrationsOf(service));
}

/** What `migrateService` would do, and what it would mean for the data that is there. Changes nothing. */
export async function planService(
  service: AnyService,
  url: string,
  environment: Environment = {},
): Promise<MigrationPlan> {
  return await planMigrations(directUrl(service, environment, url), await migrationsOf(service));
}

/**
 * The way to a service's database that leads through no pooler: `<SERVICE>_DATABASE_DIRECT_URL`, or the database and options of `url` on the
 * server of DATABASE_DIRECT_URL; `url` itself where neither is said.
 */
function directUrl({ name }: AnyService, environment: Environment, url: string): string {
  const own = environment[`${prefixOf(name)}_DATABASE_DIRECT_URL`];
  const server = environment["DATABASE_DIRECT_URL"];
  if (!own && !server) return url;
  const options = URL.parse(url)?.searchParams.get("options") ?? undefined;
  const direct = new URL(withParameters(withTls(own || (server ?? ""), environment), { options }));
  if (!own) direct.pathname = URL.parse(url)?.pathname ?? direct.pathname;
  return direct.href;
}

/** Every migration that this program knows of a service's database, in the order in which they run. */
export async function migrationsOf({ name, migrations }: AnyService): Promise<Migration[]> {
  const own = migrations ? await readMigrations(name, migrations) : [];
  return [...(await readMigrations("platform", platformMigrations)), ...own];
}

/**
 * The replica that `<SERVICE>_DATABASE_READ_URL` names for reads of a service, whose database is at `primaryUrl`: the options of that one, such as
 * the schema of the service, hold there, too.
 */
export function replicaUrl(
  { name, readsReplica = false }: AnyService,
  environment: Environment,
  primaryUrl: string,
): string | undefined {
  const said = environment[`${prefixOf(name)}_DATABASE_READ_URL`];
  if (!readsReplica || !said) return undefined;
  const options = URL.parse(primaryUrl)?.searchParams.get("options") ?? undefined;
  return withParameters(withTls(said, environment), { options });
}

function prefixOf(service: string): string {
  return service.toUpperCase().replaceAll("-", "_");
}

/** The database that `<SERVICE>_DATABASE_URL` names. */
export function ownDatabaseUrl(name: string, environment: Environment): string | undefined {
  const url = environment[`${prefixOf(name)}_DATABASE_URL`];
  return url ? withTls(url, environment) : undefined;
}

/** DATABASE_HOST and POSTGRES_* as many charts set them; DATABASE_URL comes before them. `database` where POSTGRES_DB names none. */
function seedStyleUrl(environment: Environment, database = "postgres"): string | undefined {
  const host = environment["DATABASE_HOST"];
  const user = environment["POSTGRES_USER"];
  if (!host || !user) return undefined;
  const password = encodeURIComponent(environment["POSTGRES_PASSWORD"] ?? "");
  const said = environment["DATABASE_PORT"] ?? "";
  // Kubernetes puts tcp://… under this name when there is a Service called database.
  const port = /^\d+$/.test(said) ? said : "5432";
  const name = encodeURIComponent(environment["POSTGRES_DB"] || database);
  const url = `postgres://${encodeURIComponent(user)}:${password}@${host.includes(":") ? `[${host}]` : host}:${port}/${name}`;
  return withTls(url, environment);
}

/** TLS as DATABASE_SSLMODE and DATABASE_CA_FILE say, for URLs that say nothing of it. */
function withTls(url: string, environment: Environment): string {
  return withParameters(url, {
    sslmode: environment["DATABASE_SSLMODE"] || undefined,
    sslrootcert: environment["DATABASE_CA_FILE"] || undefined,
  });
}

function databaseOf(service: AnyService): string {
  if (service.database === undefined) throw new Error(`The ${service.name} service has no database.`);
  return service.database;
}

/** Roles' passwords follow from the superuser's, which lies in the data folder: nothing more to keep. */
function rolePassword(adminUrl: string, service: string): string {
  return createHmac("sha256", new URL(adminUrl).password).update(service).digest("base64url");
}
