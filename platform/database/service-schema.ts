import pg from "pg";
import { connectionFault, connectionOf } from "./connection.ts";

/**
 * The URL of a database that several services share, for one of them: it works in a schema of its own, made if need be. A service whose
 * tables lie in the public schema already stays there. Safe when many processes start at once.
 */
export async function schemaUrl(url: string, service: string): Promise<string> {
  const client = new pg.Client({ ...connectionOf(url), connectionTimeoutMillis: 10_000 });
  // Without a listener, a server that goes away between two statements would end the whole program.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select pg_advisory_lock(hashtext('stoa.schemas'))");
    if (await livesInPublic(client, service)) return url;
    const schema = `stoa_${service.replaceAll("-", "_")}`;
    await client.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`);
    const target = new URL(url);
    const options = target.searchParams.get("options");
    target.searchParams.set("options", `${options ? `${options} ` : ""}-c search_path=${schema},public`);
    return target.href;
  } catch (error) {
    throw connectionFault(error, url) ?? error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function livesInPublic(client: pg.Client, service: string): Promise<boolean> {
  const { rows } = await client.query(
    "select to_regclass('public.schema_migrations') is not null as is_there",
  );
  if (rows[0]?.is_there !== true) return false;
  const own = await client.query("select 1 from public.schema_migrations where scope = $1 limit 1", [
    service,
  ]);
  return own.rowCount === 1;
}
