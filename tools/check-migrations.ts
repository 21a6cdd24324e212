/**
 * Every folder of migrations counts from 1 without gaps or repeats: two changes that took the same number meet here, not in a database. And
 * no migration stops a running shop, or takes away what the release before works with.
 */
import { readMigrations } from "#platform/database/migrate.ts";
import { migrationFaults, olderThanTheRules } from "./migration-rules.ts";
import { schemaFolders } from "./schema-folders.ts";

const faults: string[] = [];
for (const { scope, migrations: folder } of await schemaFolders()) {
  try {
    const migrations = await readMigrations(scope, folder);
    for (const [label, found] of migrationFaults(migrations))
      if (!olderThanTheRules.has(label)) faults.push(...found.map((fault) => `${label}.sql: ${fault}`));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    faults.push(`${message} Give it the next number, unless it has been released.`);
  }
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
