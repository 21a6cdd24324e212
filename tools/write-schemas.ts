/** `npm run schemas`: writes schema.sql beside each folder of migrations, from a PostgreSQL started for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { randomSecret } from "#platform/kit/ids.ts";
import { provisionDatabase } from "#platform/database/provision.ts";
import { schemaOfMigrations } from "#platform/database/schema-dump.ts";
import { schemaFolders } from "./schema-folders.ts";

const dataDir = mkdtempSync(join(tmpdir(), "stoa-schemas-"));
const log = { info: () => undefined, error: (message: string) => console.error(message) };
const postgres = await startEmbeddedPostgres({ dataDir, log, fsync: false });
try {
  for (const { scope, migrations, schemaFile } of await schemaFolders()) {
    const database = `schema_${scope}`;
    const role = { name: database, password: randomSecret() };
    const { adminUrl } = postgres;
    await provisionDatabase({ adminUrl, database, role: role.name, password: role.password });
    await writeFile(schemaFile, await schemaOfMigrations(scope, migrations, postgres.urlFor(database, role)));
    console.log(`${scope}/schema.sql is written.`);
  }
} finally {
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
