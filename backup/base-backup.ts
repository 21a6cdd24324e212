// A physical copy of a running PostgreSQL with the log that makes it whole, as the server itself sends it (BASE_BACKUP of the replication protocol).
import { once } from "node:events";
import type { PassThrough } from "node:stream";
import pg from "pg";
import { randomSecret } from "#platform/kit/ids.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { copyOut } from "./copy-out.ts";

/** What a copy is a copy of, and the moment it stands for: everything that was committed before `endLsn` was written. */
export interface BaseBackup {
  readonly timeline: number;
  readonly startLsn: string;
  readonly endLsn: string;
}

export interface BaseBackupSinks {
  /** The files of the server, as an archive. */
  readonly archive: PassThrough;
  /** The server's own list of them, with a checksum for each. */
  readonly list: PassThrough;
}

/**
 * Asks the server at `adminUrl` for a copy of itself. The sinks get their end when all is there, and an error otherwise. The shop works on
 * meanwhile; the log that was written during the copy is in the copy.
 */
export async function streamBaseBackup(
  adminUrl: string,
  { archive, list }: BaseBackupSinks,
  onBytes: (done: number, expected: number | undefined) => void,
): Promise<BaseBackup> {
  const keeper = await openClient({ connectionString: adminUrl });
  // Without a slot a busy server could throw away the log of a long copy before it is sent.
  try {
    await keeper.query("select pg_create_physical_replication_slot($1, true, true)", [
      `stoa_backup_${randomSecret()
        .replace(/[^a-z0-9]/g, "")
        .slice(0, 12)}`,
    ]);
    return await streamAll(adminUrl, { archive, list }, onBytes);
  } catch (error) {
    for (const sink of [archive, list]) sink.destroy(error as Error);
    throw error;
  } finally {
    await keeper.end();
  }
}

const statement = `BASE_BACKUP (LABEL 'stoa', PROGRESS true, CHECKPOINT 'fast', WAL true, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256')`;

async function streamAll(
  adminUrl: string,
  sinks: BaseBackupSinks,
  onBytes: (done: number, expected: number | undefined) => void,
): Promise<BaseBackup> {
  const client = await openClient({ connectionString: adminUrl, replication: "true" } as pg.ClientConfig);
  let current = sinks.archive;
  let archives = 0;
  let done = 0;
  let expected: number | undefined;
  try {
    const rows = await copyOut(
      client,
      statement,
      async (message) => {
        const kind = String.fromCharCode(message[0] ?? 0);
        if (kind === "n" && (archives += 1) > 1)
          throw new StartError("This PostgreSQL has tablespaces of its own; such a server is not copied.");
        if (kind === "m") current = sinks.list;
        if (kind !== "d") return;
        done += message.length - 1;
        onBytes(done, expected);
        if (!current.write(message.subarray(1))) await once(current, "drain");
      },
      // The second result lists the tablespaces, with their sizes in KiB.
      (row) => {
        if (row.length >= 3) expected = Number(row[2]) * 1024;
      },
    );
    for (const sink of [sinks.archive, sinks.list]) sink.end();
    const [start, end] = [rows[0], rows.at(-1)];
    return { timeline: Number(start?.[1]), startLsn: start?.[0] ?? "", endLsn: end?.[0] ?? "" };
  } finally {
    await client.end();
  }
}

async function openClient(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  // Without a listener a server that goes away would end the whole program.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
