/** Every folder of migrations counts from 1 without gaps or repeats: two changes that took the same number meet here, not in a database. */
import { readMigrations } from "#platform/database/migrate.ts";
import { schemaFolders } from "./schema-folders.ts";

const faults: string[] = [];
for (const { scope, migrations } of await schemaFolders()) {
  try {
    await readMigrations(scope, migrations);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
}
for (const fault of faults) console.error(`${fault} Give it the next number, unless it has been released.`);
process.exitCode = faults.length > 0 ? 1 : 0;
