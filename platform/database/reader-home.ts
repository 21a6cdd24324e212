// Where a program that only reads finds each service's database: under a role that can change nothing, wherever one can be made.
import { createHmac } from "node:crypto";
import { outsideHome, outsideServer } from "./database-home.ts";
import type { Environment } from "#platform/kit/config.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { provisionReader } from "./provision.ts";

/** Tells the URL under which a service's database can be read. The database and its tables must be there already. */
export type ReaderHome = (service: AnyService) => Promise<string>;

/** Readers of the embedded server: one role for each database, made here, that can enter no other. */
export function embeddedReaderHome(server: EmbeddedPostgres): ReaderHome {
  return async (service) => {
    const database = databaseOf(service);
    const role = {
      name: `stoa_${service.name}_reader`,
      password: readerPassword(server.adminUrl, service.name),
    };
    await provisionReader({
      adminUrl: server.adminUrl,
      database,
      role: role.name,
      password: role.password,
    });
    return server.urlFor(database, role);
  };
}

/** Readers of the outside server that the environment names; undefined when it names none. */
export function outsideReaderHome(
  environment: Environment,
  onShared: (sentence: string) => void,
): ReaderHome | undefined {
  const server = outsideServer(environment);
  if (!server?.isShared) return server && serverReaderHome(server.url, environment, onShared);
  const home = outsideHome(server, environment);
  return async (service) => {
    const named = readerUrl(service.name, environment);
    if (named !== undefined) return named;
    onShared(sharedSentence(`The schema of ${service.name} is read under the shop's own account`, service));
    return await home(service);
  };
}

function sharedSentence(what: string, { name }: AnyService): string {
  return `${what}. Set AUDIT_${name.toUpperCase()}_DATABASE_URL to a role that can only read.`;
}

/**
 * Readers of an outside server that the account of `url` may use. What the environment names for reading, or for the service
 * itself, comes first. `onShared` hears of every database that must be read under the account itself, because that account may
 * make no roles: it is then PostgreSQL's read-only session alone that keeps the reader from changing anything.
 */
export function serverReaderHome(
  url: string,
  environment: Environment,
  onShared: (sentence: string) => void,
): ReaderHome {
  return async (service) => {
    const named = readerUrl(service.name, environment);
    if (named !== undefined) return named;
    const database = databaseOf(service);
    const target = new URL(url);
    target.pathname = `/${database}`;
    const password = readerPassword(url, service.name);
    const role = `${database}_reader`;
    try {
      await provisionReader({ adminUrl: url, database, role, password });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      onShared(
        sharedSentence(
          `The database ${database} is read under the shop's own account, which may make no roles`,
          service,
        ),
      );
      return target.href;
    }
    target.username = role;
    target.password = password;
    return target.href;
  };
}

/** Databases that were made by others: exactly what the environment names. Throws a StartError when it names none. */
export function namedReaderHome(environment: Environment): ReaderHome {
  return (service) => {
    const url = readerUrl(service.name, environment);
    if (url !== undefined) return Promise.resolve(url);
    const upper = service.name.toUpperCase();
    throw new StartError(
      `The audit reads the database of the ${service.name} service. Set AUDIT_${upper}_DATABASE_URL to a role that can only read it (or ${upper}_DATABASE_URL): postgres://user:password@host:5432/${databaseOf(service)}.`,
    );
  };
}

function readerUrl(service: string, environment: Environment): string | undefined {
  const name = `${service.toUpperCase()}_DATABASE_URL`;
  return environment[`AUDIT_${name}`] || environment[name] || undefined;
}

function databaseOf(service: AnyService): string {
  if (service.database === undefined) throw new Error(`The ${service.name} service has no database.`);
  return service.database;
}

/** The account may not make roles, or may not let others read. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof StartError ? error.cause : error;
  return cause instanceof Error && "code" in cause && cause.code === "42501";
}

/** As for the services' own roles: follows from the admin's password, so that there is nothing more to keep. */
function readerPassword(adminUrl: string, service: string): string {
  return createHmac("sha256", decodeURIComponent(new URL(adminUrl).password))
    .update(`${service} reader`)
    .digest("base64url");
}
