// Whether a database server has as many connections as the pools of the shop may want, said at the start. docs/decisions/0054-a-budget-of-connections.md
import { StartError } from "#platform/kit/start-error.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { openSession } from "./session.ts";

/** What is known of a server and of those who want its connections. */
export interface ConnectionBudget {
  /** Where it is, for people. */
  readonly server: string;
  /** Pools of this process on that server. */
  readonly pools: number;
  /** Connections each of them may open (DATABASE_POOL_MAX). */
  readonly poolMax: number;
  /** Processes like this one (REPLICAS). */
  readonly replicas: number;
  /** What the server lets this account have: max_connections without what is reserved, or the account's own limit. */
  readonly available: number;
  /** Connections of others at this moment. */
  readonly taken: number;
}

/** With one connection, a service that works in the background and answers meanwhile waits for itself. */
const leastOfPool = 2;

/** Throws a StartError when the shop cannot work with so few; otherwise the sentence about what is tight, or undefined. */
export function tightBudget(budget: ConnectionBudget): string | undefined {
  const { server, pools, poolMax, replicas, available, taken } = budget;
  const wanted = pools * poolMax * replicas;
  const left = replicas > 1 ? available : available - taken;
  if (wanted <= left) return undefined;
  const processes = pools * replicas;
  const sum = [
    pools === 1 ? "one pool" : `${pools} pools`,
    `of ${poolMax} (DATABASE_POOL_MAX)`,
    ...(replicas > 1 ? [`in ${replicas} processes (REPLICAS)`] : []),
  ].join(" ");
  const others = replicas > 1 || taken === 0 ? "" : `, of which others hold ${taken} now`;
  const facts = `${sum} may open ${wanted} connections to the database server at ${server}, which has ${available} for them${others}`;
  const fitting = Math.floor(left / processes);
  if (processes * leastOfPool > available)
    throw new StartError(
      `Too few connections: ${facts}. Even ${leastOfPool} for each pool are too many. Raise its max_connections to ${wanted + reserve} or more, run fewer processes, or put PgBouncer in between.`,
    );
  const smaller = fitting >= leastOfPool ? `Set DATABASE_POOL_MAX to ${fitting} or less, or raise` : "Raise";
  return `Connections may run out under load: ${facts}. ${smaller} its max_connections to ${wanted + taken + reserve} or more.`;
}

/** For superusers and for whoever looks at the server with psql. */
const reserve = 10;

/**
 * Looks at each server that the URLs name, once. Says what is tight in the log, and throws a StartError when it cannot work. A server behind a
 * pooler is not asked: how many connections that one opens is said there.
 */
export async function checkConnections(
  urls: readonly string[],
  { poolMax, replicas, log }: { readonly poolMax: number; readonly replicas: number; readonly log: Logger },
): Promise<void> {
  for (const [server, own] of Map.groupBy(urls, serverOf)) {
    const told = await ask(own[0] ?? "");
    if (!told) continue;
    const sentence = tightBudget({ server, pools: own.length, poolMax, replicas, ...told });
    if (sentence !== undefined) log.warn(sentence);
  }
}

function serverOf(url: string): string {
  const parsed = URL.parse(url);
  return `${parsed?.searchParams.get("host") || parsed?.hostname || "localhost"}:${parsed?.port || "5432"}`;
}

async function ask(url: string): Promise<Pick<ConnectionBudget, "available" | "taken"> | undefined> {
  const { client, isOwn } = await openSession(url, "budget");
  try {
    if (!isOwn) return undefined;
    const { rows } = await client.query<{ available: number; taken: number }>(
      `select least(
           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
             - coalesce(current_setting('reserved_connections', true), '0')::int,
           (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user)) as available,
         (select count(*)::int from pg_stat_activity
           where backend_type = 'client backend' and pid <> pg_backend_pid()) as taken`,
    );
    return rows[0];
  } finally {
    await client.end();
  }
}
