// Stores of files as the catalogue would open them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Database } from "#platform/database/db.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testShop } from "#platform/testing/services.ts";
import { databaseFiles } from "../database-files.ts";
import { folderFiles } from "../folder-files.ts";
import type { FileStore } from "../provider.ts";

const common = { service: "catalog", log: silentLog, shop: testShop(), dataFolder: tmpdir() };

/** A folder that is gone when the test file ends. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "stoa-files-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Files in this folder, without any database. */
export async function openFolderFiles(folder: string, clock: Clock = systemClock): Promise<FileStore> {
  const kit = {
    ...common,
    config: { FILES_FOLDER: folder },
    clock,
    get db(): never {
      throw new Error("Files in a folder need no database.");
    },
  };
  return await folderFiles.create(kit, undefined);
}

export async function openDatabaseFiles(db: Database): Promise<FileStore> {
  return await databaseFiles.create({ ...common, config: {}, clock: systemClock, db }, undefined);
}
