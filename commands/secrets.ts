// The secrets of a shop that runs in containers: made once, each in a file of its own, for NAME_FILE settings and for the servers beside.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { randomSecret } from "#platform/kit/ids.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { auditedServices } from "../audit/config.ts";
import type { CommandContext } from "./command.ts";

/** Makes what is missing; a file that is there stays as it is, so that no running shop loses its key. */
export async function makeSecrets({ args, shop, print }: CommandContext): Promise<void> {
  const [folder = ""] = args;
  const services = await loadServices(shop);
  const databases = services.flatMap(({ name, database }) =>
    database === undefined ? [] : [{ name, database }],
  );
  const secrets = secretFiles(databases);
  makeFolder(folder);
  requireWholePairs(folder);
  const made = [...secrets].filter(([name, text]) => writeNew(join(folder, name), text));
  const where = resolve(folder);
  if (made.length === 0) print(`All ${secrets.size} secrets are in ${where} already; none was changed.`);
  else
    print(
      `${made.length} secrets were made in ${where}. Keep a copy in a safe place; they are shown nowhere.`,
    );
}

/** One password, told to the server in the first file and to its clients in the second. */
const pairs = [
  ["postgres_password", "database_url"],
  ["redis.conf", "redis_url"],
  ["rabbitmq.conf", "events_url"],
] as const;

function requireWholePairs(folder: string): void {
  for (const pair of pairs) {
    const missing = pair.filter((name) => !existsSync(join(folder, name)));
    if (missing.length === 1)
      throw new StartError(
        `${pair.join(" and ")} in ${resolve(folder)} hold the same password, and ${missing[0]} is missing. Put it back, or take the other away as well.`,
      );
  }
}

interface ServiceDatabase {
  readonly name: string;
  readonly database: string;
}

/** Every file and what it holds. Passwords are of letters, digits, - and _, so that they stand in URLs as they are. */
function secretFiles(databases: readonly ServiceDatabase[]): Map<string, string> {
  const [superuser, redis, rabbit] = [randomSecret(), randomSecret(), randomSecret()];
  const files = new Map([
    ["service_key", randomSecret()],
    ["admin_password", randomSecret()],
    ["postgres_password", superuser],
    ["database_url", `postgres://postgres:${superuser}@postgres:5432/postgres`],
    ["redis_url", `redis://:${redis}@redis:6379/0`],
    ["redis.conf", `requirepass ${redis}`],
    ["events_url", `amqp://stoa:${rabbit}@rabbitmq:5672`],
    ["rabbitmq.conf", `default_user = stoa\ndefault_pass = ${rabbit}`],
  ]);
  for (const { name, database } of databases) {
    const at = `postgres:5432/${database}`;
    files.set(`${name}_database_url`, `postgres://stoa_${name}:${randomSecret()}@${at}`);
    if (auditedServices.some((audited) => audited === name))
      files.set(`audit_${name}_database_url`, `postgres://stoa_${name}_reader:${randomSecret()}@${at}`);
  }
  return files;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`The folder ${resolve(folder)} cannot be made.`, { cause: error });
  }
}

/** Containers read the files under an account of their own; other people of this machine cannot enter the folder. */
function writeNew(path: string, text: string): boolean {
  try {
    writeFileSync(path, `${text}\n`, { flag: "wx", mode: 0o444 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new StartError(`The file ${resolve(path)} cannot be written.`, { cause: error });
  }
}
