// Secrets that guard nothing, wherever the shop can be reached from elsewhere.
import { outsideServer, ownDatabaseUrl, singleServer } from "#platform/database/database-home.ts";
import { isExampleSecret, type Environment } from "#platform/kit/config.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { loadServices, type ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { settingGroupsInUse, type SettingGroup } from "./setting-groups.ts";
import { RedisUrl, redisUrlType } from "#platform/redis/redis-url.ts";
import { isTrivialSecret } from "./trivial-secret.ts";

const keyLengthMin = 32;
const remedy = "Choose one of your own: openssl rand -base64 32 makes one.";

/** What is guarded: the whole shop, one service alone, or all services but the pages in one process. */
export interface GuardedProgram {
  readonly service?: AnyService | undefined;
  readonly isBackend?: boolean;
}

/**
 * One sentence for each secret that anybody could find. On this machine only (HOST is a loopback address) nothing is asked of the whole
 * shop, so that a first try stays easy.
 */
export async function secretFaults(
  shop: ShopFile,
  environment: Environment,
  program: GuardedProgram = {},
): Promise<string[]> {
  const { service, isBackend = false } = program;
  const isPart = service !== undefined || isBackend;
  const host = environment["HOST"] || (isPart ? "0.0.0.0" : "127.0.0.1");
  const groups = await settingGroupsInUse(shop, environment, service);
  if (isLoopbackHost(host)) return isPart ? exampleFaults(groups, environment) : [];
  const faults: string[] = [];
  for (const { settings } of groups) {
    for (const [name, { type, aliases }] of Object.entries(settings)) {
      const said = [name, ...aliases].find((one) => environment[one]);
      if (type === redisUrlType && said !== undefined)
        faults.push(...redisFaults(name, environment[said] ?? ""));
      // That of a database is looked at where it is used.
      if (type !== "secret" || said === undefined || name === "POSTGRES_PASSWORD") continue;
      const fault = faultOf(said, environment[said] ?? "");
      if (fault !== undefined) faults.push(fault);
    }
  }
  for (const url of await databaseUrls(shop, environment, program)) {
    const fault = passwordFault(url, environment);
    if (fault !== undefined) faults.push(fault);
  }
  return faults.map(
    (fault) => `${fault} The shop can be reached from elsewhere (HOST is ${host}). ${remedy}`,
  );
}

function faultOf(name: string, text: string): string | undefined {
  if (isTrivialSecret(text)) return `${name} is an example or can be guessed.`;
  if (name === "SERVICE_KEY" && text.length < keyLengthMin)
    return `SERVICE_KEY must have at least ${keyLengthMin} characters.`;
  return undefined;
}

/** Databases that a password opens; the embedded one has made its own. */
async function databaseUrls(
  shop: ShopFile,
  environment: Environment,
  { service, isBackend = false }: GuardedProgram,
): Promise<string[]> {
  if (service) return service.database === undefined ? [] : singleUrl(service, environment);
  const shared = outsideServer(environment);
  if (!shared && !isBackend) return [];
  const own = (await loadServices(shop)).map(({ name }) => ownDatabaseUrl(name, environment));
  return [...new Set([shared?.url, ...own])].filter((url) => url !== undefined);
}

/** That there is none, is said elsewhere. */
function singleUrl(service: AnyService, environment: Environment): string[] {
  try {
    return [singleServer(service, environment).url];
  } catch (error) {
    if (error instanceof StartError) return [];
    throw error;
  }
}

function passwordFault(text: string, environment: Environment): string | undefined {
  const url = URL.parse(text);
  if (!url) return undefined;
  // Where the system or a certificate says who comes, there is no password.
  const isKnownOtherwise = url.searchParams.get("host")?.startsWith("/") || url.searchParams.has("sslcert");
  if (isKnownOtherwise) return undefined;
  const password = decodeURIComponent(url.password) || (environment["PGPASSWORD"] ?? "");
  if (password === "") return `The database at ${url.host} is entered without a password.`;
  return isTrivialSecret(password)
    ? `The password of the database at ${url.host} is an example or can be guessed.`
    : undefined;
}

/** Passwords of the examples guard nothing outside the shop that is one program on one machine. */
function exampleFaults(groups: readonly SettingGroup[], environment: Environment): string[] {
  return groups.flatMap(({ settings }) =>
    Object.entries(settings)
      .filter(([, { type }]) => type === redisUrlType)
      .filter(([name]) => isExampleSecret(RedisUrl.parse(environment[name] ?? "")?.place.password ?? ""))
      .map(([name]) => `The password of the Redis of ${name} is an example. ${remedy}`),
  );
}

/** What is no URL is said elsewhere. */
function redisFaults(name: string, text: string): string[] {
  const url = RedisUrl.parse(text);
  if (!url) return [];
  const { password, sentinelPassword } = url.place;
  if (password === undefined) return [`The Redis of ${name} is entered without a password.`];
  return isTrivialSecret(password) || (sentinelPassword !== undefined && isTrivialSecret(sentinelPassword))
    ? [`The password of the Redis of ${name} is an example or can be guessed.`]
    : [];
}

/** True for addresses that only this machine has. */
export function isLoopbackHost(host: string): boolean {
  const plain = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return plain === "localhost" || plain === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(plain);
}
