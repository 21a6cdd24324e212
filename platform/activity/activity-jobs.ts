// What the activity log of a database wants looked after: seals, and an end.
import type { Database } from "#platform/database/db.ts";
import { sweepAll, type Job } from "#platform/database/jobs.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { recordActivity } from "./activity.ts";
import { dropOldest, hasUnsealed, listUnsealed, lockChainEnd, saveSeals } from "./activity-store.ts";
import { chainHash, type ChainEnd } from "./chain.ts";

const sealEveryMs = 1_000;
const sealMax = 200;
const trimEveryMs = 6 * 3_600_000;
const trimMax = 1_000;

/**
 * Seals new rows within about a second. Any process may do it, one at a time; writers never wait for it. Each new end of the chain is
 * told to the log: whoever keeps that line elsewhere can later prove that nothing was cut off or written anew.
 */
export function sealActivity(db: Database, log: Logger): Job {
  return {
    name: "seal-activity",
    everyMs: sealEveryMs,
    isExclusive: false,
    run: async (signal) => {
      if (!(await hasUnsealed(db))) return;
      await sweepAll(signal, async (size) => await sealNext(db, size, log), sealMax);
    },
  };
}

/** Seals up to `size` rows and says how many; 0 while another process is at it. */
export async function sealNext(db: Database, size: number, log?: Logger): Promise<number> {
  const sealed = await db.inTransaction(async (tx) => {
    const end = await lockChainEnd(tx);
    if (!end) return undefined;
    let last: ChainEnd = end;
    const rows = await listUnsealed(tx, size);
    const seals = rows.map(({ sequence, content }) => {
      const position = last.position + 1;
      last = { position, hash: chainHash(position, last.hash, content) };
      return { sequence, ...last };
    });
    await saveSeals(tx, seals);
    return { count: seals.length, ...last };
  });
  if (!sealed) return 0;
  const { count, position, hash } = sealed;
  if (count > 0)
    log?.info({ kind: "audit", position, hash }, "The activity log is sealed up to this position.");
  return count;
}

/** Drops rows older than so many days, from the beginning of the chain only, in small steps; each step stands in the log. */
export function trimActivity(db: Database, keptDays: number): Job {
  return {
    name: "trim-activity",
    everyMs: trimEveryMs,
    isExclusive: true,
    run: async (signal) =>
      await sweepAll(signal, async (size) => await trimNext(db, keptDays, size), trimMax),
  };
}

/** One step of it; says how many rows went. */
export async function trimNext(db: Database, keptDays: number, size: number): Promise<number> {
  return await db.inTransaction(async (tx) => {
    const dropped = await dropOldest(tx, { days: keptDays, limit: size });
    if (!dropped) return 0;
    const { count, position, hash } = dropped;
    await recordActivity(tx, {
      actor: { kind: "service", id: "trim-activity" },
      action: "activity.trim",
      subject: { kind: "activity", id: String(position) },
      after: { rows: count, keptDays, position, hash },
    });
    return count;
  });
}
