// A backup of a shop with its own PostgreSQL: all databases at one position of the server's log, whether or not the shop is at work.
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import type { EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { streamBaseBackup, type BaseBackup } from "./base-backup.ts";
import { beginBackup, placeFault, requireUsablePlace, type BackupDraft } from "./backup-folder.ts";
import type { BackupKey } from "./backup-key.ts";
import { packDataFiles, sizeOfFolder, type DataPlaces } from "./shop-files.ts";
import type { Manifest, Survey } from "./manifest.ts";
import { packFile, type PackedFile } from "./packed-file.ts";
import type { Progress } from "./progress.ts";
import { hasRoom, makeScratch, scratchPlace, withScratchServer, type ScratchFolder } from "./scratch.ts";
import { surveyCopy } from "./survey.ts";
import { readClusterList, requireWholeCluster, unpackCluster, lsnOf } from "./unpack-cluster.ts";

export interface BackupWish {
  readonly shop: ShopFile;
  readonly server: EmbeddedPostgres;
  readonly places: DataPlaces;
  /** The folder of backups. */
  readonly target: string;
  readonly key: BackupKey | undefined;
  readonly keyFile: string | undefined;
  readonly version: string;
  readonly progress: Progress;
  readonly note: (line: string) => void;
  readonly stop: AbortSignal;
}

export interface MadeBackup {
  readonly path: string;
  readonly manifest: Manifest;
}

/** Makes a backup, puts it back into a server of its own, and looks whether all is there. Throws a StartError when it cannot be made. */
export async function makeBackup(wish: BackupWish): Promise<MadeBackup> {
  requireUsablePlace(wish.target, wish.places.dataFolder, wish.keyFile);
  const draft = beginBackup(wish.target);
  try {
    const manifest = await fill(wish, draft);
    wish.stop.throwIfAborted();
    return { path: await draft.finish(manifest, wish.key), manifest };
  } catch (error) {
    throw placeFault(wish.target, error);
  } finally {
    wish.progress.clear();
    // Of one that was finished nothing is left under this name.
    draft.discard();
  }
}

async function fill(wish: BackupWish, draft: BackupDraft): Promise<Manifest> {
  const { places, note } = wish;
  const startedAt = systemClock.now().toISOString();
  const size = await sizeOfFolder(join(places.dataFolder, "postgres", "cluster"));
  const scratch = hasRoom(places.dataFolder, size)
    ? makeScratch(scratchPlace(places.dataFolder, true))
    : undefined;
  if (!scratch)
    note(
      "There is no room beside the shop to put the backup back and look at it; `stoa drill` does that elsewhere.",
    );
  try {
    const copy = await copyServer(wish, draft, scratch);
    const data = await packFile(draft.folder, "data.tar", wish.key, packDataFiles(places));
    const survey = scratch ? await look(wish, scratch, copy.at) : null;
    return {
      format: "stoa-backup-1",
      id: draft.id,
      kind: "physical",
      startedAt,
      at: copy.at,
      stoa: wish.version,
      postgres: copy.postgres,
      position: {
        system: copy.system,
        timeline: copy.timeline,
        startLsn: copy.startLsn,
        endLsn: copy.endLsn,
      },
      keyId: wish.key?.id ?? null,
      files: [...copy.files, data],
      survey,
    };
  } finally {
    scratch?.remove();
  }
}

interface CopiedServer extends BaseBackup {
  readonly at: string;
  readonly system: string;
  readonly postgres: string;
  readonly files: readonly PackedFile[];
}

/** Packs what the server sends, unpacks it beside where there is room, and compares it with the server's own list. */
async function copyServer(
  { server, key, progress, stop }: BackupWish,
  draft: BackupDraft,
  scratch: ScratchFolder | undefined,
): Promise<CopiedServer> {
  const [archive, list, packed, unpacked] = [0, 1, 2, 3].map(() => new PassThrough()) as [
    PassThrough,
    PassThrough,
    PassThrough,
    PassThrough,
  ];
  const ticks = await watchPosition(server.adminUrl);
  try {
    const [base, , packedArchive, seen, listText] = await allOrNone(
      [archive, list, packed, unpacked],
      [
        streamBaseBackup(server.adminUrl, { archive, list }, (done, expected) => {
          stop.throwIfAborted();
          progress.at("Copying the databases", done, expected);
        }),
        tee(archive, packed, unpacked),
        packFile(draft.folder, "cluster.tar", key, packed),
        unpackCluster(unpacked, scratch?.cluster, scratch?.owner),
        text(list),
      ],
    );
    const clusterList = await readClusterList(Readable.from([listText]));
    requireWholeCluster(clusterList, seen);
    const packedList = await packFile(
      draft.folder,
      "cluster.list",
      key,
      Readable.from([Buffer.from(listText)]),
    );
    return {
      ...base,
      at: ticks.lastBefore(base.endLsn),
      system: clusterList.system,
      postgres: ticks.version,
      files: [packedArchive, packedList],
    };
  } finally {
    await ticks.end();
  }
}

/** Waits for all; when one fails, the streams between them end, so that none waits for ever, and the first failure is told. */
async function allOrNone<T extends readonly unknown[]>(
  streams: readonly PassThrough[],
  works: { readonly [I in keyof T]: Promise<T[I]> },
): Promise<T> {
  let first: unknown;
  const guarded = (works as readonly Promise<unknown>[]).map(
    async (work) =>
      await work.catch((error: unknown) => {
        first ??= error;
        for (const stream of streams) stream.destroy(error as Error);
        throw error;
      }),
  );
  const ended = await Promise.allSettled(guarded);
  if (ended.some(({ status }) => status === "rejected")) throw first;
  return ended.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

async function tee(source: PassThrough, ...targets: readonly PassThrough[]): Promise<void> {
  for (const target of targets) target.on("error", () => undefined);
  for await (const part of source)
    for (const target of targets) if (!target.write(part)) await once(target, "drain");
  for (const target of targets) target.end();
}

async function look({ shop, progress }: BackupWish, scratch: ScratchFolder, at: string): Promise<Survey> {
  return await withScratchServer(
    scratch,
    async (server) =>
      await surveyCopy({
        shop,
        urlFor: (database) => server.urlFor(database),
        at,
        onStep: (step) => progress.at(`Looking at the copy: ${step}`, 0, undefined),
      }),
  );
}

interface Ticks {
  readonly version: string;
  /** The last instant at which the server's log was not yet beyond this position: whatever was acknowledged before is in front of it. */
  lastBefore(lsn: string): string;
  end(): Promise<void>;
}

const tickMs = 20;

async function watchPosition(adminUrl: string): Promise<Ticks> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on("error", () => undefined);
  await client.connect();
  const { rows } = await client.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  const ending = new AbortController();
  const seen: { at: Date; lsn: bigint }[] = [];
  const tick = async () => {
    const found = await client.query<{ lsn: string; at: Date }>(
      "select clock_timestamp() as at, pg_current_wal_insert_lsn()::text as lsn",
    );
    for (const { lsn, at } of found.rows) seen.push({ at, lsn: lsnOf(lsn) });
    // The last minute is more than enough: a position is asked for as soon as it is known.
    if (seen.length > 3_000) seen.splice(1, 1_000);
  };
  await tick();
  const watching = (async () => {
    while (!ending.signal.aborted) {
      await systemClock.sleep(tickMs);
      await tick();
    }
  })().catch(() => undefined);
  return {
    version: rows[0]?.version ?? "",
    lastBefore: (lsn) => {
      const end = lsnOf(lsn);
      return (seen.findLast((one) => one.lsn <= end) ?? seen[0])?.at.toISOString() ?? "";
    },
    end: async () => {
      ending.abort();
      await watching;
      await client.end();
    },
  };
}
