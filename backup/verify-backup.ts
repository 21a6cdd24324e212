// Reads a backup from its first byte to its last and believes nothing that it does not see.
import { readdirSync } from "node:fs";
import { StartError } from "#platform/kit/start-error.ts";
import type { BackupKey } from "./backup-key.ts";
import { unpackDataFiles, type DataPlaces } from "./shop-files.ts";
import { readManifest, type Manifest } from "./manifest.ts";
import { unpackFile, type PackedFile } from "./packed-file.ts";
import type { Progress } from "./progress.ts";
import { BrokenContent } from "./seal-stream.ts";
import { TarFault } from "./tar.ts";
import { readClusterList, requireWholeCluster, unpackCluster, type Owner } from "./unpack-cluster.ts";

/** Where the parts of a backup are unpacked to; one that is not named is only read. */
export interface UnpackTargets {
  readonly cluster?: { readonly folder: string; readonly owner: Owner };
  readonly data?: DataPlaces;
}

export interface ReadBackup {
  readonly manifest: Manifest;
  readonly dataFiles: number;
}

/** Reads everything, and unpacks what is asked for. Throws a StartError that says what is wrong with the backup, and then nothing unpacked is of use. */
export async function readBackup(
  path: string,
  key: BackupKey | undefined,
  progress: Progress,
  targets: UnpackTargets = {},
): Promise<ReadBackup> {
  const manifest = await readManifest(path, key);
  if (manifest.kind !== "physical")
    throw new StartError(
      `The backup in ${path} is of a kind that this version does not know (${manifest.kind}).`,
    );
  const archive = fileOf(manifest, "cluster.tar");
  const place = { folder: path, key };
  const list = await unpackFile(place, fileOf(manifest, "cluster.list"), readClusterList);
  const seen = await unpackFile(
    { ...place, onBytes: (bytes) => progress.at("Reading the backup", bytes, archive.bytes) },
    archive,
    async (content) => await unpackCluster(content, targets.cluster?.folder, targets.cluster?.owner),
  );
  try {
    requireWholeCluster(list, seen);
    const dataFiles = await unpackFile(
      place,
      fileOf(manifest, "data.tar"),
      async (content) => await unpackDataFiles(content, targets.data),
    );
    return { manifest, dataFiles };
  } catch (error) {
    if (error instanceof BrokenContent || error instanceof TarFault)
      throw new StartError(`The backup in ${path} is damaged: ${error.message}. Nothing of it is used.`, {
        cause: error,
      });
    throw error;
  } finally {
    progress.clear();
  }
}

function fileOf({ files, id }: Manifest, content: string): PackedFile {
  const file = files.find(({ name }) => name.replace(/\.zst(\.enc)?$/, "") === content);
  if (!file) throw new StartError(`The backup ${id} is not whole: it has no ${content}.`);
  return file;
}

/** Whether a folder is there and holds nothing. */
export function isEmptyFolder(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
}
