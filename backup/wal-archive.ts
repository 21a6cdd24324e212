// The log of the shop's own server, part by part as it is written, in a folder elsewhere: with it a backup can be brought to any later second.
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { pause, type Clock } from "#platform/kit/clock.ts";
import { randomSecret } from "#platform/kit/ids.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { archiveSlot } from "./archive-slot.ts";
import { syncFolder } from "./backup-folder.ts";
import type { BackupKey } from "./backup-key.ts";
import { packFile, packedName } from "./packed-file.ts";
import { lsnOf, segmentBytes, walName } from "./unpack-cluster.ts";

/** How far an archive reaches: everything that was acknowledged before `at` is in it. */
export interface Coverage {
  readonly timeline: number;
  readonly position: string;
  readonly at: string;
}

export interface WalArchiveOptions {
  readonly adminUrl: string;
  /** The server's files. */
  readonly cluster: string;
  /** The folder of archives; each server has one of its own in it. */
  readonly place: string;
  readonly key: BackupKey | undefined;
  readonly everySeconds: number;
  readonly clock: Clock;
  readonly log: { info(message: string): void; error(message: string): void };
}

const coverageName = "covered.json";

/**
 * Copies what is new every few seconds until `stop`. The server keeps every part of its log until it is here, however long the place is away, up to
 * a bound of its own. A server or place that is away for a while is tried again; it is said once.
 */
export async function archiveWal(options: WalArchiveOptions, stop: AbortSignal): Promise<void> {
  let isWell = true;
  let coveredLsn = 0n;
  while (!stop.aborted) {
    try {
      coveredLsn = await archiveOnce(options, coveredLsn);
      if (!isWell) options.log.info("The archive of the database's log is written again.");
      isWell = true;
    } catch (error) {
      if (isWell)
        options.log.error(
          `The archive of the database's log in ${options.place} cannot be written: ${error instanceof Error ? error.message : String(error)}. It is tried again every ${options.everySeconds} seconds; until then no later moment can be restored.`,
        );
      isWell = false;
    }
    await pause(options.clock, options.everySeconds * 1000, stop);
  }
  // A shop that ends in order leaves nothing behind; what cannot be copied now comes with the next start.
  await archiveOnce(options, coveredLsn).catch(() => undefined);
}

/** Copies what is new. Answers the position up to which all is there. */
export async function archiveOnce(options: WalArchiveOptions, coveredLsn = 0n): Promise<bigint> {
  const client = new pg.Client({ connectionString: options.adminUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { system, begin } = await prepare(client);
    const folder = join(options.place, system);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { at, lsn, timeline } = await switchLog(client, coveredLsn);
    await copyHistories(options, folder);
    await copySegments(options, folder, { timeline, begin, end: lsnOf(lsn) / segmentBytes });
    await client.query("select pg_replication_slot_advance($1, $2)", [archiveSlot, lsn]);
    const coverage: Coverage = { timeline, position: lsn, at };
    writeInto(folder, coverageName, `${JSON.stringify(coverage)}\n`);
    return lsnOf(lsn);
  } finally {
    await client.end();
  }
}

/** The folder of a server's archive and how far it reaches. Throws a StartError when there is none. */
export function readCoverage(place: string, system: string): Coverage & { readonly folder: string } {
  const folder = join(place, system);
  try {
    return { ...(JSON.parse(readFileSync(join(folder, coverageName), "utf8")) as Coverage), folder };
  } catch (error) {
    throw new StartError(
      `There is no archive of this shop's log in ${place} (WAL_ARCHIVE_TO), so its backups can be restored to their own moments only.`,
      { cause: error },
    );
  }
}

async function prepare(client: pg.Client): Promise<{ system: string; begin: bigint }> {
  const { rows } = await client.query<{ system: string; begin: string | null; status: string | null }>(
    `select (select system_identifier::text from pg_control_system()) as system, s.restart_lsn::text as begin, s.wal_status as status
     from (select 1) one left join pg_replication_slots s on s.slot_name = $1`,
    [archiveSlot],
  );
  const [row] = rows;
  const system = row?.system ?? "";
  const begin = row?.begin ?? null;
  const status = row?.status ?? null;
  if (begin !== null && status !== "lost") return { system, begin: lsnOf(begin) / segmentBytes };
  if (status !== null) await client.query("select pg_drop_replication_slot($1)", [archiveSlot]);
  const made = await client.query<{ begin: string }>(
    "select pg_create_physical_replication_slot($1, true), (select redo_lsn from pg_control_checkpoint())::text as begin",
    [archiveSlot],
  );
  return { system, begin: lsnOf(made.rows[0]?.begin ?? "0/0") / segmentBytes };
}

/** Ends the current part of the log, unless nothing was written into it. */
async function switchLog(client: pg.Client, coveredLsn: bigint) {
  const before = await client.query<{ at: Date; lsn: string }>(
    "select clock_timestamp() as at, pg_current_wal_insert_lsn()::text as lsn",
  );
  const [seen] = before.rows;
  const lsn = seen?.lsn ?? "0/0";
  if (lsnOf(lsn) > coveredLsn) await client.query("select pg_switch_wal()");
  const after = await client.query<{ lsn: string; timeline: string }>(
    `select pg_current_wal_flush_lsn()::text as lsn, left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline`,
  );
  const row = after.rows[0];
  const end = lsnOf(row?.lsn ?? "0/0");
  // Only whole parts count: a position in the middle of one is not reached yet.
  const whole = (end / segmentBytes) * segmentBytes;
  return {
    at: seen?.at.toISOString() ?? "",
    lsn: textOf(whole),
    timeline: Number.parseInt(row?.timeline ?? "1", 16),
  };
}

function textOf(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffff_ffffn).toString(16).toUpperCase()}`;
}

/** Where one history of the log branched off from another: small, and needed to follow them. */
async function copyHistories({ cluster, key }: WalArchiveOptions, folder: string): Promise<void> {
  for (const name of readdirSync(join(cluster, "pg_wal")))
    if (/^[0-9A-F]{8}\.history$/.test(name)) await copyPart(join(cluster, "pg_wal", name), folder, name, key);
}

async function copySegments(
  { cluster, key }: WalArchiveOptions,
  folder: string,
  { timeline, begin, end }: { readonly timeline: number; readonly begin: bigint; readonly end: bigint },
): Promise<void> {
  for (let segment = begin; segment < end; segment += 1n) {
    const name = walName(timeline, segment);
    const source = join(cluster, "pg_wal", name);
    // A part of before this history began has another name, and was copied under that.
    if (existsSync(source)) await copyPart(source, folder, name, key);
  }
}

async function copyPart(
  source: string,
  folder: string,
  name: string,
  key: BackupKey | undefined,
): Promise<void> {
  const target = packedName(name, key);
  if (existsSync(join(folder, target))) return;
  const draft = join(folder, `draft-${randomSecret().slice(0, 8).replace(/\W/g, "")}`);
  mkdirSync(draft, { mode: 0o700 });
  try {
    await packFile(draft, name, key, createReadStream(source));
    renameSync(join(draft, target), join(folder, target));
    syncFolder(folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function writeInto(folder: string, name: string, content: string): void {
  const draft = join(folder, `${name}.new`);
  writeFileSync(draft, content, { mode: 0o600, flush: true });
  renameSync(draft, join(folder, name));
  syncFolder(folder);
}
