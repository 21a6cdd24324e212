import type { Queryable } from "#platform/database/db.ts";
import type { RateSnapshot } from "./rate.ts";

export interface SnapshotRow {
  readonly publishedOn: string;
  readonly units: { readonly [code: string]: string };
  readonly confirmedAt: Date;
}

/** Keeps a snapshot, or notes that it is still the provider's newest. */
export async function saveSnapshot(db: Queryable, snapshot: RateSnapshot): Promise<void> {
  await db.run(
    `insert into rate_snapshots (id, provider, published_on, units_per_euro, confirmed_at) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set confirmed_at = greatest(rate_snapshots.confirmed_at, excluded.confirmed_at)`,
    [
      snapshot.id,
      snapshot.provider,
      snapshot.publishedOn ?? snapshot.asOf.toISOString().slice(0, 10),
      JSON.stringify(Object.fromEntries(snapshot.units)),
      snapshot.asOf,
    ],
  );
}

export async function findNewestSnapshot(db: Queryable, provider: string): Promise<SnapshotRow | undefined> {
  return await db.row<SnapshotRow>(
    `select published_on::text as "publishedOn", units_per_euro as units, confirmed_at as "confirmedAt"
     from rate_snapshots where provider = $1 order by confirmed_at desc limit 1`,
    [provider],
  );
}
