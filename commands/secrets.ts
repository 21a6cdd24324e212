// The secrets of a shop that runs in containers: made once, each in a file of its own, for NAME_FILE settings and for the servers beside.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { randomSecret } from "#platform/kit/ids.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { CommandContext } from "./command.ts";
import {
  brokerUrl,
  brokerUser,
  newDatabaseUrls,
  redisUrl,
  serviceDatabases,
  superuserUrl,
  type ServiceDatabase,
} from "./shop-secrets.ts";
import { UsageError } from "./usage-error.ts";

/** Makes what is missing; a file that is there stays as it is, so that no running shop loses its key. */
export async function makeSecrets(context: CommandContext): Promise<void> {
  const { args, options, shop, print } = context;
  const [folder] = args;
  if (options["kubernetes"]) {
    if (folder !== undefined)
      throw new UsageError(
        "secrets make writes to a folder, or with --kubernetes into the cluster; not both.",
      );
    return await (await import("./kubernetes-secrets.ts")).makeClusterSecrets(context);
  }
  if (folder === undefined)
    throw new UsageError("secrets make wants to know where: a folder, such as ./secrets, or --kubernetes.");
  const secrets = secretFiles(await serviceDatabases(shop));
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

/** Every file and what it holds. Passwords are of letters, digits, - and _, so that they stand in URLs as they are. */
function secretFiles(databases: readonly ServiceDatabase[]): Map<string, string> {
  const [superuser, redis, rabbit] = [randomSecret(), randomSecret(), randomSecret()];
  const admin = { user: "postgres", password: superuser, database: "postgres" };
  return new Map([
    ["service_key", randomSecret()],
    ["admin_password", randomSecret()],
    ["postgres_password", superuser],
    ["database_url", superuserUrl(admin, "postgres:5432")],
    ["redis_url", redisUrl(redis, "redis:6379")],
    ["redis.conf", `requirepass ${redis}`],
    ["events_url", brokerUrl({ user: brokerUser, password: rabbit }, "rabbitmq:5672")],
    ["rabbitmq.conf", `default_user = ${brokerUser}\ndefault_pass = ${rabbit}`],
    ...newDatabaseUrls(databases, "postgres:5432"),
  ]);
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
