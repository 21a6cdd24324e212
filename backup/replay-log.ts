// Brings what a backup holds to a later second, with the archive of the log that was written since.
import { createWriteStream, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { chown, rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { describeServer } from "#platform/postgres/embedded-postgres.ts";
import { choosePostgresAccount } from "#platform/postgres/postgres-account.ts";
import { findPostgresBinaries } from "#platform/postgres/postgres-binaries.ts";
import { readSuperuserPassword } from "#platform/postgres/postgres-cluster.ts";
import { startPostmaster, stopPostmaster, type Postmaster } from "#platform/postgres/postmaster.ts";
import type { BackupKey } from "./backup-key.ts";
import type { Manifest } from "./manifest.ts";
import { unpackFile } from "./packed-file.ts";
import type { Progress } from "./progress.ts";
import { lsnOf, segmentBytes, walName, type Owner } from "./unpack-cluster.ts";
import { readCoverage } from "./wal-archive.ts";

export interface ReplayWish {
  readonly folder: string;
  readonly cluster: string;
  readonly owner: Owner;
  readonly manifest: Manifest;
  /** A moment, or undefined for as late as the archive reaches. */
  readonly until: Date | undefined;
  /** WAL_ARCHIVE_TO. */
  readonly archive: string;
  readonly key: BackupKey | undefined;
  readonly progress: Progress;
}

/** How many parts of the log wait in front of the server: each is 16 MiB. */
const aheadMax = 8n;

/** Throws a StartError when the archive does not reach that far, or the backup is later. Answers the moment that the data is of. */
export async function replayLog(wish: ReplayWish): Promise<string> {
  const { manifest, until } = wish;
  const { position } = manifest;
  if (!position)
    throw new StartError("Only a backup of the shop's own server can be brought to a later moment.");
  const covered = readCoverage(wish.archive, position.system);
  const target = (until ?? new Date(covered.at)).toISOString();
  if (target < manifest.at)
    throw new StartError(
      `The backup is of ${manifest.at}, and can only be brought forward. Take an older one for ${target}.`,
    );
  if (target > covered.at)
    throw new StartError(
      `The archive of the log reaches to ${covered.at}; nothing later can be restored. Say --at ${covered.at}, or --at latest.`,
    );
  await new Replay(wish, covered, target).run();
  return target;
}

class Replay {
  readonly #wish: ReplayWish;
  readonly #covered: ReturnType<typeof readCoverage>;
  readonly #target: string;
  readonly #begin: bigint;
  #next: bigint;
  #stood = { lsn: 0n, sinceMs: 0 };

  constructor(wish: ReplayWish, covered: ReturnType<typeof readCoverage>, target: string) {
    this.#wish = wish;
    this.#covered = covered;
    this.#target = target;
    this.#begin = lsnOf(wish.manifest.position?.startLsn ?? "0/0") / segmentBytes;
    this.#next = lsnOf(wish.manifest.position?.endLsn ?? "0/0") / segmentBytes;
  }

  async run(): Promise<void> {
    const { cluster } = this.#wish;
    await this.#takeHistories();
    await this.#feed(this.#next);
    writeFileSync(join(cluster, "standby.signal"), "");
    // Where nothing was written between the moment and the end of the archive, the server would wait for ever, and go no further with a target.
    const isAtItsMoment = this.#wish.until !== undefined && (await this.#play(true));
    if (!isAtItsMoment) await this.#play(false);
    if (existsSync(join(cluster, "standby.signal")))
      throw new StartError("The log could not be followed to that moment. Nothing was put in place.");
  }

  /** Runs the server until it is at its moment, or, without one, has all there is. False: it stands before its moment, and there is no more. */
  async #play(hasTarget: boolean): Promise<boolean> {
    const { server, postmaster } = await this.#start(hasTarget);
    try {
      return await this.#follow(server.adminUrl, postmaster, hasTarget);
    } finally {
      await stopPostmaster(this.#wish.cluster);
    }
  }

  async #start(hasTarget: boolean) {
    const { folder, cluster } = this.#wish;
    const { postgres: program } = findPostgresBinaries();
    const account = choosePostgresAccount(folder, cluster, program);
    const postmaster = await startPostmaster({
      ...{ program, account, cluster, port: undefined, fsync: true, isStandby: true },
      logFile: join(folder, "postgres.log"),
      readyWithinMs: 3_600_000,
      settings: [
        ...(hasTarget ? [targetSetting(this.#target), "recovery_target_action=promote"] : []),
        "recovery_target_timeline=latest",
        "wal_retrieve_retry_interval=50ms",
      ],
    });
    const server = describeServer(postmaster.port, readSuperuserPassword(cluster), () => Promise.resolve());
    return { server, postmaster };
  }

  /** Gives the server part after part of the log until it is at its moment; when there is no more, it is as late as it gets. */
  async #follow(adminUrl: string, postmaster: Postmaster, hasTarget: boolean): Promise<boolean> {
    const last = lsnOf(this.#covered.position) / segmentBytes;
    const client = new pg.Client({ connectionString: adminUrl });
    client.on("error", () => undefined);
    await client.connect();
    try {
      for (;;) {
        const { isOver, lsn } = await whereIs(client);
        if (isOver) return true;
        const at = lsn / segmentBytes;
        this.#wish.progress.at("Following the log", Number(at - this.#begin), Number(last - this.#begin));
        if (this.#next < last && this.#next < at + aheadMax) await this.#feed(this.#next + 1n);
        else if (this.#next >= last && this.#standsStill(lsn)) {
          if (hasTarget) return false;
          await client.query("select pg_promote(true, 600)");
        } else await Promise.race([systemClock.sleep(20), postmaster.ended]);
        this.#forget(at);
      }
    } finally {
      await client.end();
    }
  }

  /** Nothing more comes out of what is there: for two seconds the server has not moved. */
  #standsStill(lsn: bigint): boolean {
    const nowMs = systemClock.monotonicMs();
    if (lsn !== this.#stood.lsn) this.#stood = { lsn, sinceMs: nowMs };
    return nowMs - this.#stood.sinceMs > 2_000;
  }

  async #takeHistories(): Promise<void> {
    for (const name of readdirSync(this.#covered.folder))
      if (/^[0-9A-F]{8}\.history\.zst(\.enc)?$/.test(name)) await this.#take(name);
  }

  /** Puts the parts before `end` where the server looks for them. */
  async #feed(end: bigint): Promise<void> {
    const names = readdirSync(this.#covered.folder);
    for (; this.#next < end; this.#next += 1n) {
      const segment = walName(0, this.#next).slice(8);
      // Where histories branch off, a part has a file in each; that of the latest also holds what came before it, and the server takes the first it sees.
      const found = names
        .filter((name) => /^[0-9A-F]{24}\.zst/.test(name) && name.slice(8, 24) === segment)
        .sort()
        .at(-1);
      if (found === undefined && !this.#isThere(segment))
        throw new StartError(
          `A part of the log is missing from the archive (${segment}), so nothing after it can be restored. Take a later backup.`,
        );
      if (found !== undefined) await this.#take(found);
    }
  }

  /** The backup itself brought the parts that make it whole. */
  #isThere(segment: string): boolean {
    return readdirSync(join(this.#wish.cluster, "pg_wal")).some((name) => name.slice(8) === segment);
  }

  /** Whole or not at all: the server looks all the time. */
  async #take(packed: string): Promise<void> {
    const { cluster, key, owner } = this.#wish;
    const target = join(cluster, "pg_wal", packed.replace(/\.zst(\.enc)?$/, ""));
    const draft = `${target}.draft`;
    await unpackFile({ folder: this.#covered.folder, key }, { name: packed }, async (content) => {
      await pipeline(content, createWriteStream(draft, { mode: 0o600 }));
    });
    if (owner) await chown(draft, owner.uid, owner.gid);
    await rename(draft, target);
  }

  /** What has been followed is not needed again: the disk does not have to hold all of the log at once. */
  #forget(before: bigint): void {
    const folder = join(this.#wish.cluster, "pg_wal");
    const keep = walName(0, before > 64n ? before - 64n : 0n).slice(8);
    for (const name of readdirSync(folder))
      if (/^[0-9A-F]{24}$/.test(name) && name.slice(8) < keep) rmSync(join(folder, name), { force: true });
  }
}

function targetSetting(at: string): string {
  return `recovery_target_time=${at.replace("T", " ").replace("Z", "+00")}`;
}

async function whereIs(client: pg.Client): Promise<{ isOver: boolean; lsn: bigint }> {
  const { rows } = await client.query<{ over: boolean; lsn: string | null }>(
    "select not pg_is_in_recovery() as over, pg_last_wal_replay_lsn()::text as lsn",
  );
  return { isOver: rows[0]?.over ?? false, lsn: lsnOf(rows[0]?.lsn ?? "0/0") };
}
