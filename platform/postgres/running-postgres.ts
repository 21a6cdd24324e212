import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { describeServer, type EmbeddedPostgres } from "./embedded-postgres.ts";
import { readSuperuserPassword } from "./postgres-cluster.ts";

/** Line of postmaster.pid that holds the port (PostgreSQL manual, "Server startup files"). */
const portLine = 3;

/**
 * The embedded server of a shop that is running on `dataDir`, for commands that work beside it; undefined when none
 * answers there. Its `stop` does nothing: the server belongs to the shop.
 */
export async function connectRunningPostgres(dataDir: string): Promise<EmbeddedPostgres | undefined> {
  const cluster = join(dataDir, "cluster");
  try {
    const lines = (await readFile(join(cluster, "postmaster.pid"), "utf8")).split("\n");
    const server = describeServer(Number(lines[portLine]), readSuperuserPassword(cluster), () =>
      Promise.resolve(),
    );
    const client = new pg.Client({ connectionString: server.adminUrl, connectionTimeoutMillis: 2_000 });
    await client.connect();
    await client.end();
    return server;
  } catch {
    // No file, no right to read it, or nobody listening: there is no server to join.
    return undefined;
  }
}
