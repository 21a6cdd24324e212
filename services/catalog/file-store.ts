import type { Queryable } from "#platform/database/db.ts";
import type { KeptFile, ListedFile } from "./provider.ts";

export async function insertFile(db: Queryable, { name, mediaType, content }: KeptFile): Promise<void> {
  await db.run(
    "insert into files (name, media_type, content) values ($1, $2, $3) on conflict (name) do nothing",
    [name, mediaType, Buffer.from(content.buffer, content.byteOffset, content.byteLength)],
  );
}

export async function findFile(db: Queryable, name: string): Promise<KeptFile | undefined> {
  return await db.row<KeptFile>(
    `select name, media_type as "mediaType", content from files where name = $1`,
    [name],
  );
}

export async function deleteFile(db: Queryable, name: string): Promise<void> {
  await db.run("delete from files where name = $1", [name]);
}

export async function listFiles(db: Queryable, after: string, limit: number): Promise<ListedFile[]> {
  return await db.rows<ListedFile>(
    `select name, octet_length(content) as size from files where name > $1 collate "C" order by name limit $2`,
    [after, limit],
  );
}
