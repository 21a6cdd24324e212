// A server of its own for a copy that is only looked at: beside the shop, on any free port, gone when the look is over.
import { chownSync, mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choosePostgresAccount } from "#platform/postgres/postgres-account.ts";
import { findPostgresBinaries } from "#platform/postgres/postgres-binaries.ts";
import { processIdentity } from "#platform/postgres/process-identity.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { randomSecret } from "#platform/kit/ids.ts";
import type { Owner } from "./unpack-cluster.ts";

/** A folder for the files of a server, and whose they have to be. */
export interface ScratchFolder {
  readonly folder: string;
  readonly cluster: string;
  readonly owner: Owner;
  remove(): void;
}

/**
 * Makes one below `above`, which only the shop's own account may enter: what is in a copy is as private as the shop. Takes away those of programs
 * that were killed.
 */
export function makeScratch(above: string): ScratchFolder {
  mkdirSync(above, { recursive: true, mode: 0o755 });
  removeOrphans(above);
  const name = `copy-${randomSecret().replace(/\W/g, "").slice(0, 6)}.${processIdentity(process.pid)}`;
  const folder = join(above, name);
  return { ...prepareServerFolder(folder), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Makes the folders that a server's files are unpacked into. */
export function prepareServerFolder(folder: string): Omit<ScratchFolder, "remove"> {
  const cluster = join(folder, "cluster");
  // As the folder of a shop: its server may run under another account, which has to pass.
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { owner } = choosePostgresAccount(folder, cluster, findPostgresBinaries().postgres);
  mkdirSync(cluster, { mode: 0o700 });
  if (owner) chownSync(cluster, owner.uid, owner.gid);
  return { folder, cluster, owner };
}

/** Where scratch folders are: beside the data they are as large as, or for a machine without a shop in the system's place for such things. */
export function scratchPlace(dataFolder: string, isShopHere: boolean): string {
  return isShopHere ? join(dataFolder, "scratch") : join(tmpdir(), "stoa-scratch");
}

/** Whether a folder's disk has this much room, and some for the shop besides. */
export function hasRoom(folder: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > bytes * 1.3 + 256 * 1024 ** 2;
}

/** Runs the server that lies in a scratch folder for as long as `work` takes. It keeps nothing safe: nobody will ask it again. */
export async function withScratchServer<T>(
  { folder }: ScratchFolder,
  work: (server: EmbeddedPostgres) => Promise<T>,
): Promise<T> {
  const quiet = { info: () => undefined, error: () => undefined };
  const server = await startEmbeddedPostgres({ dataDir: folder, log: quiet, fsync: false });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

function removeOrphans(above: string): void {
  for (const name of readdirSync(above)) {
    const identity = /^copy-\w+\.((\d+)\..*)$/.exec(name);
    if (identity && processIdentity(Number(identity[2])) !== identity[1])
      rmSync(join(above, name), { recursive: true, force: true });
  }
}
