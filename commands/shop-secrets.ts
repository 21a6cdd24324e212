// What is secret in a shop that runs in containers, wherever it is kept: in files, or in a cluster.
import { randomSecret } from "#platform/kit/ids.ts";
import { loadServices, type ShopFile } from "#platform/kit/shop-file.ts";
import { auditedServices } from "../audit/config.ts";

export interface ServiceDatabase {
  readonly name: string;
  readonly database: string;
}

/** The services that have a database, and what it is called. */
export async function serviceDatabases(shop: ShopFile): Promise<ServiceDatabase[]> {
  return (await loadServices(shop)).flatMap(({ name, database }) =>
    database === undefined ? [] : [{ name, database }],
  );
}

/** The account that may make databases and roles. Its password is of letters, digits, - and _ when it is ours. */
export function superuserUrl(
  {
    user,
    password,
    database,
  }: { readonly user: string; readonly password: string; readonly database: string },
  server: string,
): string {
  const [name, secret] = [user, password].map(encodeURIComponent);
  return `postgres://${name}:${secret}@${server}/${database}`;
}

/** By the name of the setting in small letters, the URL of each service and of each reader of the audit, with passwords that are new. */
export function newDatabaseUrls(databases: readonly ServiceDatabase[], server: string): Map<string, string> {
  const urls = new Map<string, string>();
  for (const { name, database } of databases) {
    const at = `${server}/${database}`;
    urls.set(`${name}_database_url`, `postgres://stoa_${name}:${randomSecret()}@${at}`);
    if (auditedServices.some((audited) => audited === name))
      urls.set(`audit_${name}_database_url`, `postgres://stoa_${name}_reader:${randomSecret()}@${at}`);
  }
  return urls;
}

export function redisUrl(password: string, server: string): string {
  return `redis://:${encodeURIComponent(password)}@${server}/0`;
}

export function brokerUrl(
  { user, password }: { readonly user: string; readonly password: string },
  server: string,
): string {
  return `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${server}`;
}

/** The account that services have at a broker of their own. */
export const brokerUser = "stoa";
