// The place in the server's log up to which an archive has it: the server keeps what comes after.
import pg from "pg";

export const archiveSlot = "stoa_archive";

/** Without an archive the server must not go on keeping its log for one. */
export async function forgetArchive(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1",
      [archiveSlot],
    );
  } finally {
    await client.end();
  }
}
