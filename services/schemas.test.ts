// Each schema.sql shows the schema that the migrations beside it make.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { it } from "node:test";
import { schemaOfMigrations } from "#platform/database/schema-dump.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { schemaFolders } from "../tools/schema-folders.ts";

for (const { scope, migrations, schemaFile } of await schemaFolders()) {
  it(`schema.sql of ${scope} is what its migrations make`, async () => {
    const written = await readFile(schemaFile, "utf8").catch(() => "");
    const actual = await schemaOfMigrations(scope, migrations, await testDatabaseUrl(`schema_${scope}`));
    assert.equal(written, actual, "Run npm run schemas and review what changed.");
  });
}
