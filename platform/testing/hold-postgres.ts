/** Started by tests that kill it: holds an embedded PostgreSQL on the folder given, and prints its URL when ready. */
import { startEmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";

const say = (message: string) => process.stderr.write(`${message}\n`);
const log = { info: say, error: say };
const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? "", log, fsync: false });
process.stdout.write(`${postgres.adminUrl}\n`);
process.stdin.resume();
