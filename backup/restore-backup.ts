// Puts a backup where a shop's data belongs: beside it first, looked at there, and then by one change of a name.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { makeFolder } from "#platform/kit/folders.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { runningProgramOf } from "#platform/postgres/folder-lock.ts";
import { postgresMajor } from "#platform/postgres/postgres-binaries.ts";
import { processIdentity } from "#platform/postgres/process-identity.ts";
import { syncFolder } from "./backup-folder.ts";
import type { BackupKey } from "./backup-key.ts";
import { forgetAgain } from "./erasure-journal.ts";
import { draftPrefix, isOfCutOff, removeCutOff, wholeMark } from "./cut-off-restore.ts";
import type { DataPlaces } from "./shop-files.ts";
import type { Manifest, Survey } from "./manifest.ts";
import type { Progress } from "./progress.ts";
import { markRestored } from "./restored-mark.ts";
import { replayLog, type ReplayWish } from "./replay-log.ts";
import { prepareServerFolder } from "./scratch.ts";
import { differencesOf, requireKnownMigrations, surveyCopy } from "./survey.ts";
import { isEmptyFolder, readBackup } from "./verify-backup.ts";

export interface RestoreWish {
  readonly shop: ShopFile;
  readonly path: string;
  readonly places: DataPlaces;
  readonly key: BackupKey | undefined;
  /** Takes what is there aside first. */
  readonly isForced: boolean;
  /** A later moment than the backup's own, and the archive of the log that leads there. */
  readonly later?: { readonly until: Date | undefined; readonly archive: string } | undefined;
  readonly progress: Progress;
  readonly note: (line: string) => void;
  readonly stop: AbortSignal;
}

export interface Restored {
  readonly manifest: Manifest;
  /** The moment that the shop is brought back to. */
  readonly at: string;
  readonly survey: Survey;
  /** Where that is now which was there before. */
  readonly aside: string | undefined;
}

/** Restores into the data folder. Until the last step the folder is as it was; a restore that was cut off is done again by the next one. */
export async function restoreBackup(wish: RestoreWish): Promise<Restored> {
  const target = resolve(wish.places.dataFolder);
  requireFree(target, wish.isForced);
  requireFilesPlace(wish.places);
  const draft = makeDraft(target);
  try {
    const { manifest } = await readBackup(wish.path, wish.key, wish.progress, {
      cluster: draft.cluster,
      data: { ...wish.places, dataFolder: draft.folder },
    });
    requireSamePostgres(manifest, draft.cluster.folder);
    wish.stop.throwIfAborted();
    wish.note("Everything is unpacked. The database is brought to its moment, and looked at.");
    const at = wish.later ? await replay(wish, draft, { manifest, ...wish.later }) : manifest.at;
    const survey = await settle(wish, draft, { ...manifest, at });
    markRestored(draft.folder, at);
    wish.stop.throwIfAborted();
    requireFree(target, wish.isForced);
    const aside = wish.isForced ? moveAside(target) : undefined;
    draft.take();
    return { manifest, at, survey, aside };
  } finally {
    wish.progress.clear();
    draft.discard();
  }
}

/** Throws a StartError for a folder in which a shop runs, and, unless it is to be taken aside, for one with anything in it. */
function requireFree(target: string, isForced: boolean): void {
  const runner = runningProgramOf(join(target, "postgres"));
  if (runner !== undefined)
    throw new StartError(
      `A shop is running on ${target} (process ${runner}). Nothing was touched. Stop it first; where it is to be kept, name another folder in STOA_DATA.`,
    );
  const there = statSync(target, { throwIfNoEntry: false });
  if (there && !there.isDirectory())
    throw new StartError(
      `STOA_DATA names ${target}, which is a file. Name a folder that is empty or not there yet.`,
    );
  const held = there ? readdirSync(target).filter((name) => !isOfCutOff(target, name)) : [];
  if (held.length > 0 && !isForced)
    throw new StartError(
      `There is something in ${target} already (${held.slice(0, 3).join(", ")}), and a backup is restored into an empty folder. Nothing was touched. Name another folder in STOA_DATA, or say --force: then what is there is put aside first.`,
    );
}

function requireFilesPlace({ dataFolder, filesFolder }: DataPlaces): void {
  if (filesFolder === undefined || resolve(filesFolder).startsWith(resolve(dataFolder))) return;
  if (!isEmptyFolder(filesFolder))
    throw new StartError(
      `There are files in ${resolve(filesFolder)} (FILES_FOLDER), and a backup is restored into an empty folder. Nothing was touched.`,
    );
}

function requireSamePostgres({ postgres }: Manifest, cluster: string): void {
  const had = postgres.split(".")[0];
  const version = existsSync(join(cluster, "PG_VERSION"));
  if (!version) throw new StartError("The backup is damaged: it holds no database server's files.");
  const ownMajor = postgresMajor();
  if (had !== ownMajor)
    throw new StartError(
      `This backup is of PostgreSQL ${postgres}; this Stoa brings PostgreSQL ${ownMajor}, which cannot read its files. Restore it with the version of Stoa that made it.`,
    );
}

async function replay(
  { key, progress }: RestoreWish,
  { server: folder, cluster }: Draft,
  log: Pick<ReplayWish, "manifest" | "until" | "archive">,
): Promise<string> {
  return await replayLog({ ...log, folder, cluster: cluster.folder, owner: cluster.owner, key, progress });
}

/** Starts the server on what was unpacked, which brings it to the moment of the backup, and looks at everything. */
async function settle(wish: RestoreWish, draft: Draft, manifest: Manifest): Promise<Survey> {
  const quiet = { info: () => undefined, error: () => undefined };
  // What is written from here on is another history of the log than the one that went on after the backup.
  if (!wish.later) writeFileSync(join(draft.cluster.folder, "recovery.signal"), "");
  const server = await startEmbeddedPostgres({
    dataDir: draft.server,
    log: quiet,
    stop: wish.stop,
    // Nobody may ask it before it is at its moment.
    settings: ["restore_command=exit 1", "hot_standby=off"],
  });
  try {
    return await lookAt(wish, server, manifest);
  } finally {
    await server.stop();
    for (const name of readdirSync(draft.server))
      if (name.startsWith("postgres.log")) rmSync(join(draft.server, name));
  }
}

async function lookAt(
  { shop, path, progress, later, note }: RestoreWish,
  server: EmbeddedPostgres,
  manifest: Manifest,
): Promise<Survey> {
  if (manifest.survey) await requireKnownMigrations(shop, manifest.survey);
  const survey = await surveyCopy({
    shop,
    urlFor: (database) => server.urlFor(database),
    at: manifest.at,
    onStep: (step) => progress.at(`Looking at the shop: ${step}`, 0, undefined),
  });
  await requireKnownMigrations(shop, survey);
  const [difference] = manifest.survey && !later ? differencesOf(manifest.survey.rows, survey.rows) : [];
  if (difference !== undefined)
    throw new StartError(`What came back is not what was saved: ${difference}. Nothing was put in place.`);
  const forgotten = await forgetAgain(dirname(path), shop, (database) => server.urlFor(database));
  if (forgotten > 0) note(`${forgotten} persons who were forgotten after this backup are forgotten again.`);
  return survey;
}

interface Draft {
  /** What becomes the data folder. */
  readonly folder: string;
  /** The folder of the server in it. */
  readonly server: string;
  readonly cluster: {
    readonly folder: string;
    readonly owner: ReturnType<typeof prepareServerFolder>["owner"];
  };
  /** Makes it the data folder. */
  take(): void;
  discard(): void;
}

/**
 * A place for what is unpacked: beside the data folder, whose name it then takes, all at once. Where the data folder cannot be replaced, because
 * a volume is mounted there, in it; its parts are then moved one by one, the database last, and a restore cut off in between is known by a mark.
 */
function makeDraft(target: string): Draft {
  const name = `${draftPrefix}${processIdentity(process.pid)}`;
  removeCutOff(target);
  makeFolder(dirname(target));
  const isReplaceable = canReplace(target);
  const folder = isReplaceable ? `${target}.${name}` : join(target, name, "content");
  const top = isReplaceable ? folder : join(target, name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const server = join(folder, "postgres");
  const { cluster, owner } = prepareServerFolder(server);
  return {
    folder,
    server,
    cluster: { folder: cluster, owner },
    take: () => {
      syncFolder(folder);
      if (isReplaceable) replace(folder, target);
      else moveIn(top, folder, target);
    },
    discard: () => rmSync(top, { recursive: true, force: true }),
  };
}

/** One change of a name, which a file system does wholly or not at all; an empty folder gives way. */
function replace(folder: string, target: string): void {
  try {
    renameSync(folder, target);
  } catch (error) {
    throw new StartError(
      `The data folder ${target} is not empty any more: somebody else has put something there. Nothing of it was touched.`,
      { cause: error },
    );
  }
  syncFolder(dirname(target));
}

function moveIn(top: string, folder: string, target: string): void {
  const names = readdirSync(folder).filter((name) => name !== "postgres");
  writeFileSync(join(top, wholeMark), [...names, "postgres"].join("\n"), { flush: true });
  syncFolder(top);
  for (const name of [...names, "postgres"]) renameSync(join(folder, name), join(target, name));
  syncFolder(target);
}

/** Whether another folder can take the name: tried with one that is put back at once. */
function canReplace(target: string): boolean {
  const probe = `${target}.${draftPrefix}probe-${process.pid}`;
  try {
    if (!existsSync(target)) {
      mkdirSync(probe);
      rmSync(probe, { recursive: true });
      return true;
    }
    renameSync(target, probe);
    renameSync(probe, target);
    return true;
  } catch {
    return false;
  }
}

function moveAside(target: string): string | undefined {
  if (isEmptyFolder(target)) return undefined;
  const aside = `${target}.before-${systemClock.now().toISOString().replace(/[:.]/g, "-")}`;
  try {
    renameSync(target, aside);
  } catch (error) {
    throw new StartError(
      `What is in ${target} cannot be put aside (${(error as NodeJS.ErrnoException).code ?? "unknown"}): a volume may be mounted there. Nothing was touched. Empty it yourself, or name another folder in STOA_DATA.`,
      { cause: error },
    );
  }
  return aside;
}
