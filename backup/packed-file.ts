// One file of a backup: what is in it is compressed, then encrypted where there is a key, and what lies on the disk has a checksum.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import type { BackupKey } from "./backup-key.ts";
import { TarFault } from "./tar.ts";
import { BrokenContent, sealing, unsealing } from "./seal-stream.ts";
import { StartError } from "#platform/kit/start-error.ts";

/** What the manifest says of a file. */
export interface PackedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What files of this content are called. */
export function packedName(content: string, key: BackupKey | undefined): string {
  return `${content}.zst${key ? ".enc" : ""}`;
}

/** Writes one file from what comes, to the disk and not only towards it. */
export async function packFile(
  folder: string,
  content: string,
  key: BackupKey | undefined,
  source: Readable,
): Promise<PackedFile> {
  const name = packedName(content, key);
  const path = join(folder, name);
  const hash = createHash("sha256");
  let bytes = 0;
  const counting = watching((part) => {
    bytes += part.length;
    hash.update(part);
  });
  const compressing = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  const file = createWriteStream(path, { mode: 0o600, flags: "wx" });
  await pipeline(source, compressing, key ? sealing(key, content) : new PassThrough(), counting, file);
  const handle = await open(path, "r");
  await handle.sync();
  await handle.close();
  return { name, bytes, sha256: hash.digest("hex") };
}

/** A backup that is being read. */
export interface ReadPlace {
  readonly folder: string;
  readonly key: BackupKey | undefined;
  /** Hears how many bytes of the file were read. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Reads a file of a backup and gives `work` what is in it. Its checksum is compared at the end: `work` must not believe what it read before this
 * settles. Of a file that no manifest tells of, the checksum within the compression is compared, and the encryption. Throws a StartError that names the file and what is wrong with it.
 */
export async function unpackFile<T>(
  { folder, key, onBytes }: ReadPlace,
  file: Pick<PackedFile, "name"> & Partial<PackedFile>,
  work: (content: Readable) => Promise<T>,
): Promise<T> {
  const content = file.name.replace(/\.zst(\.enc)?$/, "");
  const hash = createHash("sha256");
  let bytes = 0;
  const counting = watching((part) => {
    bytes += part.length;
    hash.update(part);
    onBytes?.(bytes);
  });
  const out = new PassThrough();
  const opening = file.name.endsWith(".enc") ? unsealing(requireKey(key), content) : new PassThrough();
  const reading = pipeline(
    createReadStream(join(folder, file.name), { highWaterMark: 256 * 1024 }),
    counting,
    opening,
    createZstdDecompress(),
    out,
  );
  const working = work(out).catch((error: unknown) => {
    out.destroy(error as Error);
    throw error;
  });
  const [read, worked] = await Promise.allSettled([reading, working]);
  if (worked.status === "rejected")
    throw isOfContent(worked.reason) ? faultOf(file, worked.reason) : worked.reason;
  if (read.status === "rejected") throw faultOf(file, read.reason);
  const sha256 = hash.digest("hex");
  if (bytes !== (file.bytes ?? bytes) || sha256 !== (file.sha256 ?? sha256))
    throw faultOf(file, new BrokenContent("its checksum is not the one in the manifest"));
  return worked.value;
}

/** Whether the file is to blame, and not what was done with it. */
function isOfContent(error: unknown): boolean {
  if (error instanceof BrokenContent || error instanceof TarFault) return true;
  const { code = "", syscall = "" } = error as NodeJS.ErrnoException;
  return code.startsWith("ZSTD") || code === "Z_BUF_ERROR" || code.startsWith("ERR_") || syscall === "open";
}

/** The key, of a backup that cannot be read without. */
export function requireKey(key: BackupKey | undefined): BackupKey {
  if (key) return key;
  throw new StartError("This backup is encrypted. Set BACKUP_KEY_FILE to the file with its key.");
}

function faultOf({ name }: Pick<PackedFile, "name">, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new StartError(`The backup is not whole: its file ${name} is not there.`);
  if (code?.startsWith("E") && !code.startsWith("ERR_"))
    return new StartError(`The file ${name} of the backup cannot be read (${code}).`, { cause: error });
  const why =
    error instanceof BrokenContent || error instanceof TarFault
      ? message
      : `it cannot be unpacked (${message})`;
  return new StartError(`The backup is damaged: in its file ${name}, ${why}. Nothing of it is used.`, {
    cause: error,
  });
}

function watching(look: (part: Buffer) => void): Transform {
  return new Transform({
    transform(part: Buffer, _, done) {
      look(part);
      done(undefined, part);
    },
  });
}
