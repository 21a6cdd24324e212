// What a shop keeps beside its databases: uploaded pictures, keys and certificates that it made itself.
import { createReadStream, type Dirent } from "node:fs";
import { mkdir, open, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { isInside } from "./backup-key.ts";
import { draftPrefix } from "./cut-off-restore.ts";
import { readTar, tarEnd, tarHead, tarPadding } from "./tar.ts";

/** Where the files are: whatever is in the data folder but the database, and the folder of pictures where that is elsewhere. */
export interface DataPlaces {
  readonly dataFolder: string;
  readonly filesFolder: string | undefined;
}

/** Folders of the archive. */
const dataPart = "data";
const filesPart = "files-folder";

/** Names in the data folder that are not the shop's: the database has a copy of its own, the rest is work under way. */
const leftOut = ["postgres", "scratch", "restored.json"];

/** The files as an archive. A file that goes while it is read is left out: nothing points to it any more. */
export function packDataFiles(places: DataPlaces): Readable {
  return Readable.from(archive(places), { objectMode: false });
}

async function* archive({ dataFolder, filesFolder }: DataPlaces): AsyncGenerator<Buffer> {
  const isOwn = (name: string) =>
    !leftOut.includes(name) && !name.startsWith(draftPrefix) && !name.startsWith("in-use-by.");
  yield* folderOf(dataFolder, dataPart, isOwn);
  if (filesFolder !== undefined && !isInside(filesFolder, dataFolder))
    yield* folderOf(filesFolder, filesPart, () => true);
  yield tarEnd;
}

async function* folderOf(
  folder: string,
  part: string,
  isOwn: (name: string) => boolean,
): AsyncGenerator<Buffer> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [] as Dirent[];
    throw error;
  });
  for (const entry of found.filter(({ name }) => isOwn(name))) {
    const source = join(folder, entry.name);
    const path = `${part}/${entry.name}`;
    if (entry.isDirectory()) {
      yield tarHead({ path, kind: "folder", bytes: 0, mode: 0o700 });
      yield* folderOf(source, path, () => true);
    } else if (entry.isFile()) yield* fileOf(source, path);
  }
}

async function* fileOf(source: string, path: string): AsyncGenerator<Buffer> {
  const file = await open(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return;
  try {
    const { size, mode } = await file.stat();
    yield tarHead({ path, kind: "file", bytes: size, mode: mode & 0o700 });
    let read = 0;
    if (size > 0)
      for await (const piece of createReadStream("", { fd: file.fd, end: size - 1, autoClose: false })) {
        const part = piece as Buffer;
        read += part.length;
        yield part;
      }
    // One that became shorter meanwhile: its promised length is kept, as an archive has to.
    if (read < size) yield Buffer.alloc(size - read);
    yield tarPadding(size);
  } finally {
    await file.close();
  }
}

/** Reads the archive, and writes what is in it to the places where they are named. Every file is on the disk when this settles. */
export async function unpackDataFiles(source: Readable, places: DataPlaces | undefined): Promise<number> {
  let count = 0;
  await readTar(source, async ({ path, kind, mode }, content) => {
    const target = places && targetOf(path, places);
    if (kind === "file") count += 1;
    if (target === undefined) return;
    if (kind === "folder") return void (await mkdir(target, { recursive: true, mode: 0o700 }));
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const file = await open(target, "wx", mode & 0o700);
    try {
      for await (const part of content) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
  });
  return count;
}

function targetOf(path: string, { dataFolder, filesFolder }: DataPlaces): string | undefined {
  const [part, ...rest] = path.split("/");
  if (part === dataPart) return join(dataFolder, ...rest);
  if (part === filesPart) return filesFolder === undefined ? undefined : join(filesFolder, ...rest);
  return undefined;
}

/** What the folder of the server's files takes on the disk. */
export async function sizeOfFolder(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    if (entry.isFile())
      bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
  return bytes;
}
