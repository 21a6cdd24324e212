import { readdir, stat } from "node:fs/promises";

/** A folder that owns tables: its migrations, and the file that shows the schema they make. */
export interface SchemaFolder {
  readonly scope: string;
  readonly migrations: URL;
  readonly schemaFile: URL;
}

/** The kit, every service and every extension with migrations, by name. */
export async function schemaFolders(): Promise<SchemaFolder[]> {
  const root = new URL("../", import.meta.url);
  const foldersOf = async (room: string) =>
    (await readdir(new URL(`${room}/`, root), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => ({ scope: entry.name, folder: new URL(`${room}/${entry.name}/`, root) }))
      .sort((a, b) => a.scope.localeCompare(b.scope));
  const places = [
    { scope: "platform", folder: new URL("platform/database/", root) },
    ...(await foldersOf("services")),
    ...(await foldersOf("extensions")),
  ];
  const found: SchemaFolder[] = [];
  for (const { scope, folder } of places) {
    const migrations = new URL("migrations/", folder);
    const isThere = await stat(migrations).then(
      () => true,
      () => false,
    );
    if (isThere) found.push({ scope, migrations, schemaFile: new URL("schema.sql", folder) });
  }
  return found;
}
