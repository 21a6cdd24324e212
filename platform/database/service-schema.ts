import pg from "pg";
import { connectionFault } from "./connection.ts";
import { openSession } from "./session.ts";

/**
 * The URL of a database that several services share, for one of them: it works in a schema of its own, made if need be. A service whose
 * tables lie in the public schema already stays there. Safe when many processes start at once, also through a pooler that keeps
 * no sessions.
 */
export async function schemaUrl(url: string, service: string): Promise<string> {
  const schema = `stoa_${service.replaceAll("-", "_")}`;
  try {
    const { client, begin } = await openSession(url, "schema");
    try {
      await client.query(begin);
      await client.query("select pg_advisory_xact_lock(hashtext('stoa.schemas'))");
      const isPublic = await livesInPublic(client, service);
      if (!isPublic) await client.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`);
      await client.query("commit");
      return isPublic ? url : inSchema(url, schema);
    } finally {
      await client.end().catch(() => undefined);
    }
  } catch (error) {
    throw connectionFault(error, url) ?? error;
  }
}

/** The same database, where that schema is looked into first. */
function inSchema(url: string, schema: string): string {
  const target = new URL(url);
  const options = target.searchParams.get("options");
  target.searchParams.set("options", `${options ? `${options} ` : ""}-c search_path=${schema},public`);
  return target.href;
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
