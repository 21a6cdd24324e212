// The files of a PostgreSQL server, from the archive in a backup to a folder that the server can start on.
import { createHash } from "node:crypto";
import { chownSync, mkdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { BrokenContent } from "./seal-stream.ts";
import { readTar, TarFault, type TarEntry } from "./tar.ts";

/** The owner that the files must have; undefined where this program's own user will do. */
export type Owner = { readonly uid: number; readonly gid: number } | undefined;

/** What was seen in an archive: of every file how long it is and its SHA-256. */
export type SeenFiles = ReadonlyMap<string, { readonly bytes: number; readonly sha256: string }>;

/** Reads the archive, and writes it to `folder` where one is named. The folder must be there and be empty. */
export async function unpackCluster(
  archive: Readable,
  folder: string | undefined,
  owner: Owner,
): Promise<SeenFiles> {
  const seen = new Map<string, { bytes: number; sha256: string }>();
  try {
    await readTar(archive, async (entry, content) => {
      if (entry.kind === "link") throw new TarFault(`it holds a link (${entry.path})`);
      if (entry.path === "" || entry.path === ".") return;
      if (entry.kind === "folder") return makeFolderOf(folder, entry, owner);
      const sha256 = await writeFileOf(folder, entry, content, owner);
      seen.set(entry.path.replace(/^\.\//, ""), { bytes: entry.bytes, sha256 });
    });
  } catch (error) {
    throw error instanceof TarFault ? new BrokenContent(error.message) : error;
  }
  return seen;
}

function makeFolderOf(folder: string | undefined, { path }: TarEntry, owner: Owner): void {
  if (folder === undefined) return;
  const target = join(folder, path);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  if (owner) chownSync(target, owner.uid, owner.gid);
}

async function writeFileOf(
  folder: string | undefined,
  { path, mode }: TarEntry,
  content: AsyncIterable<Buffer>,
  owner: Owner,
): Promise<string> {
  const hash = createHash("sha256");
  if (folder === undefined) {
    for await (const part of content) hash.update(part);
    return hash.digest("hex");
  }
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const file = await open(target, "wx", mode & 0o700);
  try {
    for await (const part of content) {
      hash.update(part);
      await file.writeFile(part);
    }
    if (owner) await file.chown(owner.uid, owner.gid);
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/** What a server says of a copy of itself. */
export interface ClusterList {
  readonly system: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  readonly walNames: readonly string[];
}

interface ServersList {
  readonly "System-Identifier": number | string;
  readonly Files: readonly {
    readonly Path?: string;
    readonly "Encoded-Path"?: string;
    readonly Size: number;
    readonly Checksum?: string;
  }[];
  readonly "WAL-Ranges": readonly {
    readonly Timeline: number;
    readonly "Start-LSN": string;
    readonly "End-LSN": string;
  }[];
}

/** Reads the server's own list (backup_manifest, PostgreSQL manual "Backup Manifest Format"). */
export async function readClusterList(source: Readable): Promise<ClusterList> {
  const whole = await text(source);
  let read: ServersList;
  try {
    read = JSON.parse(whole) as ServersList;
  } catch {
    throw new BrokenContent("the server's list of files cannot be read");
  }
  return {
    // Larger than a JavaScript number can hold exactly.
    system: /"System-Identifier": (\d+)/.exec(whole)?.[1] ?? "",
    files: read.Files.map((file) => ({
      path: file.Path ?? Buffer.from(file["Encoded-Path"] ?? "", "hex").toString("utf8"),
      bytes: file.Size,
      sha256: file.Checksum ?? "",
    })),
    walNames: read["WAL-Ranges"].flatMap((range) =>
      walNames(range.Timeline, range["Start-LSN"], range["End-LSN"]),
    ),
  };
}

/** Throws a BrokenContent unless every file that the server listed was seen as it listed it, and all of the log that makes them whole. */
export function requireWholeCluster(list: ClusterList, seen: SeenFiles): void {
  for (const { path, bytes, sha256 } of list.files) {
    const file = seen.get(path);
    if (!file) throw new BrokenContent(`the server's file ${path} is missing`);
    if (file.bytes !== bytes || file.sha256 !== sha256)
      throw new BrokenContent(`the server's file ${path} is not what the server read`);
  }
  for (const name of list.walNames)
    if (!seen.has(`pg_wal/${name}`))
      throw new BrokenContent(`a part of the server's log, ${name}, is missing`);
}

export const segmentBytes = 16n * 1024n ** 2n;
const segmentsPerFile = 0x1_0000_0000n / segmentBytes;

/** A position in the log as a number. */
export function lsnOf(text: string): bigint {
  const [high = "", low = ""] = text.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** What a part of the log is called. */
export function walName(timeline: number, segment: bigint): string {
  const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, "0");
  return hex(BigInt(timeline)) + hex(segment / segmentsPerFile) + hex(segment % segmentsPerFile);
}

function walNames(timeline: number, start: string, end: string): string[] {
  const names: string[] = [];
  for (let segment = lsnOf(start) / segmentBytes; segment <= (lsnOf(end) - 1n) / segmentBytes; segment += 1n)
    names.push(walName(timeline, segment));
  return names;
}
