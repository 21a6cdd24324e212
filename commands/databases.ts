// The databases and roles that the services' URLs name, made on a server by someone who may: for servers where services may not.
import { whenThere } from "#platform/database/awaited.ts";
import { outsideServer } from "#platform/database/database-home.ts";
import { provisionDatabase, provisionReader } from "#platform/database/provision.ts";
import type { Environment } from "#platform/kit/config.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { auditedServices } from "../audit/config.ts";
import type { CommandContext } from "./command.ts";
import { waitMs } from "./wait.ts";

/** DATABASE_URL names an account that may make databases and roles. Safe beside a running shop, and to repeat: it sets passwords anew. */
export async function makeDatabases(context: CommandContext): Promise<void> {
  const { shop, environment, options, note, stop } = context;
  const patience = { clock: systemClock, patienceMs: waitMs(options), note, stop };
  const server = environment["DATABASE_URL"] ? outsideServer(environment) : undefined;
  if (!server)
    throw new StartError(
      "DATABASE_URL must name the server, and an account that may make databases and roles: postgres://postgres:password@host:5432/postgres.",
    );
  for (const { name, database } of await loadServices(shop)) {
    if (database === undefined) continue;
    const owner = accountOf(`${settingPrefix(name)}_DATABASE_URL`, environment);
    if (owner === undefined)
      throw new StartError(
        `${settingPrefix(name)}_DATABASE_URL is not set. Set it to the URL that the ${name} service is to use; its database and role are made as it says.`,
      );
    const { url: adminUrl } = server;
    await whenThere(patience, async () => await provisionDatabase({ adminUrl, ...owner }));
    note(`${name}: the database ${owner.database} is there, and belongs to ${owner.role}.`);
    const reader = accountOf(`AUDIT_${settingPrefix(name)}_DATABASE_URL`, environment);
    if (reader === undefined || !auditedServices.some((audited) => audited === name)) continue;
    await whenThere(patience, async () => await provisionReader({ adminUrl, ...reader }));
    note(`${name}: ${reader.role} can read it.`);
  }
}

/** Who enters which database, as the URL says. */
function accountOf(
  setting: string,
  environment: Environment,
): { readonly database: string; readonly role: string; readonly password: string } | undefined {
  const text = environment[setting];
  if (!text) return undefined;
  const url = URL.parse(text);
  const [database, role, password] = [url?.pathname.slice(1), url?.username, url?.password].map((part) =>
    decodeURIComponent(part ?? ""),
  );
  if (!database || !role || !password)
    throw new StartError(
      `${setting} must name a user, a password and a database: postgres://user:password@host:5432/database.`,
    );
  return { database, role, password };
}

function settingPrefix(service: string): string {
  return service.toUpperCase().replaceAll("-", "_");
}
