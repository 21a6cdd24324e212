import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { defineConfig, setting } from "#platform/kit/config.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { makeFolder } from "#platform/kit/folders.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import {
  faultOfFile,
  filesPort,
  isFileName,
  mediaTypeOfName,
  type FileStore,
  type KeptFile,
  type ListedFile,
} from "./provider.ts";

export const FolderConfig = defineConfig({
  FILES_FOLDER: setting.optionalText({
    doc: "Folder of uploaded files where FILES_PROVIDER is folder; absent means `files` in STOA_DATA. All processes of the catalogue must share it.",
  }),
});

/** Files in a folder of one machine: below it one folder for each first two characters of their names. */
export const folderFiles = defineProvider(filesPort, {
  name: "folder",
  config: FolderConfig,
  create: async ({ config, dataFolder, clock, log }) => {
    const files = new FolderFiles(resolve(config.FILES_FOLDER ?? join(dataFolder, "files")));
    await files
      .forgetUnfinished(clock.now().getTime())
      .catch((error: unknown) => log.warn({ err: error }, "The folder of files cannot be looked into."));
    return files;
  },
});

/** Beside the folders of files and no name of theirs. */
const unfinished = "unfinished";
const unfinishedMs = 3_600_000;

class FolderFiles implements FileStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Written elsewhere, brought to the disk, then moved to its name in one step: nobody sees half a file, also not after a crash. */
  async put(file: KeptFile): Promise<void> {
    const fault = faultOfFile(file);
    if (fault !== undefined) throw new Error(fault);
    const path = this.#pathOf(file.name);
    if (await isThere(path)) return;
    const draft = join(this.#folder, unfinished, `${file.name}.${newRandomId()}`);
    makeFolder(dirname(draft));
    makeFolder(dirname(path));
    try {
      await writeToDisk(draft, file.content);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    for (const folder of [dirname(path), this.#folder]) await syncFolder(folder);
  }

  async get(name: string): Promise<KeptFile | undefined> {
    const mediaType = mediaTypeOfName(name);
    if (mediaType === undefined) return undefined;
    const content = await readFile(this.#pathOf(name)).catch(ignoreAbsent);
    return content && { name, mediaType, content };
  }

  async remove(name: string): Promise<void> {
    if (!isFileName(name)) return;
    await rm(this.#pathOf(name), { force: true });
    await syncFolder(dirname(this.#pathOf(name)));
  }

  async list(after: string, limit: number): Promise<readonly ListedFile[]> {
    const listed: ListedFile[] = [];
    for (const folder of await namesIn(this.#folder)) {
      if (folder.length !== 2 || folder < after.slice(0, 2)) continue;
      for (const name of await namesIn(join(this.#folder, folder))) {
        if (name <= after || !isFileName(name)) continue;
        if (listed.length === limit) return listed;
        const found = await stat(this.#pathOf(name)).catch(ignoreAbsent);
        if (found) listed.push({ name, size: found.size });
      }
    }
    return listed;
  }

  /** What processes have left that ended halfway; anything younger may be under way in another one. */
  async forgetUnfinished(nowMs: number): Promise<void> {
    for (const name of await namesIn(join(this.#folder, unfinished))) {
      const path = join(this.#folder, unfinished, name);
      const found = await stat(path).catch(ignoreAbsent);
      if (found && found.mtimeMs < nowMs - unfinishedMs) await rm(path, { force: true });
    }
  }

  #pathOf(name: string): string {
    return join(this.#folder, name.slice(0, 2), name);
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreAbsent)) !== undefined;
}

async function writeToDisk(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A name is on the disk when its folder is. Windows does not know this, and does not need it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

async function namesIn(folder: string): Promise<string[]> {
  return ((await readdir(folder).catch(ignoreAbsent)) ?? []).sort();
}

function ignoreAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
