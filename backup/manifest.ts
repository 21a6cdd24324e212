// What a backup says of itself. It is written last: a folder without it is no backup, and one whose seal does not fit is not believed.
import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "#platform/kit/start-error.ts";
import type { BackupKey } from "./backup-key.ts";
import { requireKey, type PackedFile } from "./packed-file.ts";

/** How the books were at the backup's moment, read from the backup itself after it was put back into a server of its own. */
export interface Survey {
  /** By service, every migration that its database had: "cart/1-create-carts". */
  readonly migrations: { readonly [service: string]: readonly string[] };
  /** By database, how many rows each table had. */
  readonly rows: { readonly [database: string]: { readonly [table: string]: number } };
  readonly newestOrder: { readonly number: string; readonly placedAt: string } | null;
  readonly invariants: readonly { readonly id: string; readonly violations: number }[];
}

export interface Manifest {
  readonly format: "stoa-backup-1";
  readonly id: string;
  /** physical: the files of the embedded server, all databases at one position of its log. logical: the rows of outside databases. */
  readonly kind: "physical" | "logical";
  /** When the backup began, and the moment it stands for. */
  readonly startedAt: string;
  readonly at: string;
  readonly stoa: string;
  readonly postgres: string;
  /** Of a physical one. */
  readonly position?: {
    readonly system: string;
    readonly timeline: number;
    readonly startLsn: string;
    readonly endLsn: string;
  };
  /** Which key it is encrypted with; null when it is not. */
  readonly keyId: string | null;
  readonly files: readonly PackedFile[];
  /** Null where there was no room to put it back and look: `stoa drill` does. */
  readonly survey: Survey | null;
}

const manifestName = "manifest.json";
const sealName = "manifest.sha256";

/** The two files that make a folder a backup. */
export function manifestFiles(
  manifest: Manifest,
  key: BackupKey | undefined,
): readonly (readonly [name: string, content: string])[] {
  const content = `${JSON.stringify(manifest, undefined, 2)}\n`;
  return [
    [sealName, sealOf(Buffer.from(content), key)],
    [manifestName, content],
  ];
}

/** The first line is what sha256sum -c reads; the second one can be written only by somebody with the key. */
function sealOf(content: Buffer, key: BackupKey | undefined): string {
  const sum = `${createHash("sha256").update(content).digest("hex")}  ${manifestName}\n`;
  return key ? `${sum}hmac ${key.seal(content)}\n` : sum;
}

/**
 * Reads what the backup in a folder says of itself, and compares that with its seal and with the files that are there. Throws a StartError for
 * a folder that is no backup, not whole, or changed.
 */
export async function readManifest(folder: string, key: BackupKey | undefined): Promise<Manifest> {
  const names = await listFolder(folder);
  const content = readOwn(folder, manifestName);
  const seal = readOwn(folder, sealName).toString("utf8");
  const sum = sealOf(content, undefined);
  if (!seal.startsWith(sum))
    throw new StartError(
      `The backup in ${folder} is damaged: ${manifestName} and ${sealName} do not fit together. Nothing of it is used.`,
    );
  const manifest = parseManifest(folder, content);
  if (manifest.keyId !== null) requireSealed(folder, manifest, { content, seal }, requireKey(key));
  else if (seal !== sum)
    throw new StartError(`The backup in ${folder} is damaged: ${sealName} holds more than it should.`);
  requireItsFiles(folder, manifest, names);
  return manifest;
}

async function listFolder(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT" ? "there is no such folder" : code === "ENOTDIR" ? "it is a file" : (code ?? "");
    throw new StartError(
      `${folder} is no backup: ${why}. Name the folder that \`stoa backup\` printed last.`,
      { cause: error },
    );
  }
  if (names.includes(manifestName)) return names;
  const newest = names
    .filter((name) => /^stoa-\d{4}-[\dTZ-]+$/.test(name))
    .sort()
    .at(-1);
  const hint =
    newest === undefined
      ? "Name a folder that `stoa backup` has printed."
      : `It holds backups; the newest is ${join(folder, newest)}.`;
  const why = folder.endsWith(".part")
    ? "was never finished"
    : `holds no ${manifestName}, so it is none or a part of one`;
  throw new StartError(`${folder} is no backup: it ${why}. ${hint}`);
}

function readOwn(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    throw new StartError(
      `The backup in ${folder} is not whole: ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`,
      { cause: error },
    );
  }
}

function parseManifest(folder: string, content: Buffer): Manifest {
  const foreign = new StartError(
    `${folder} is no backup of a Stoa shop: its ${manifestName} is another program's.`,
  );
  let read: Partial<Manifest>;
  try {
    read = JSON.parse(content.toString("utf8")) as Partial<Manifest>;
  } catch {
    throw foreign;
  }
  if (typeof read !== "object" || read === null || typeof read.format !== "string") throw foreign;
  if (read.format !== "stoa-backup-1")
    throw new StartError(
      `The backup in ${folder} has the format "${String(read.format)}", which this version does not know. Use the version of Stoa that made it, or a newer one.`,
    );
  return read as Manifest;
}

function requireSealed(
  folder: string,
  { keyId }: Manifest,
  { content, seal }: { readonly content: Buffer; readonly seal: string },
  key: BackupKey,
): void {
  if (key.id !== keyId)
    throw new StartError(
      `The backup in ${folder} is encrypted with another key than the one in BACKUP_KEY_FILE.`,
    );
  const expected = Buffer.from(sealOf(content, key));
  const said = Buffer.from(seal);
  if (said.length !== expected.length || !timingSafeEqual(said, expected))
    throw new StartError(
      `The backup in ${folder} was changed by somebody without its key: the seal of ${manifestName} is not right. Nothing of it is used.`,
    );
}

function requireItsFiles(folder: string, { files }: Manifest, names: readonly string[]): void {
  const own = new Set([manifestName, sealName, ...files.map(({ name }) => name)]);
  for (const name of own)
    if (!names.includes(name))
      throw new StartError(`The backup in ${folder} is not whole: its file ${name} is not there.`);
  const strange = names.find((name) => !own.has(name));
  if (strange !== undefined)
    throw new StartError(
      `In the backup in ${folder} lies ${strange}, which does not belong to it. Take it away when it is yours; nothing of the backup is used until then.`,
    );
}
