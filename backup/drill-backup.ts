// A rehearsal: the backup is put back into a server of its own, looked at, and taken away again. The shop is not touched.
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { BackupKey } from "./backup-key.ts";
import type { Manifest, Survey } from "./manifest.ts";
import type { Progress } from "./progress.ts";
import { makeScratch, withScratchServer } from "./scratch.ts";
import { differencesOf, requireKnownMigrations, surveyCopy } from "./survey.ts";
import { readBackup } from "./verify-backup.ts";

export interface DrillWish {
  readonly shop: ShopFile;
  readonly path: string;
  /** Where the scratch server lies. */
  readonly scratch: string;
  readonly key: BackupKey | undefined;
  readonly progress: Progress;
}

export interface Drilled {
  readonly manifest: Manifest;
  readonly survey: Survey;
  /** Full sentences about what is not as it should be; empty when all is well. */
  readonly faults: readonly string[];
}

/** Throws a StartError for a backup that cannot be restored at all. */
export async function drillBackup({
  shop,
  path,
  scratch: place,
  key,
  progress,
}: DrillWish): Promise<Drilled> {
  const scratch = makeScratch(place);
  try {
    const cluster = { folder: scratch.cluster, owner: scratch.owner };
    const { manifest } = await readBackup(path, key, progress, { cluster });
    if (manifest.survey) await requireKnownMigrations(shop, manifest.survey);
    const survey = await withScratchServer(
      scratch,
      async (server) =>
        await surveyCopy({
          shop,
          urlFor: (database) => server.urlFor(database),
          at: manifest.at,
          onStep: (step) => progress.at(`Looking at the copy: ${step}`, 0, undefined),
        }),
    ).catch((error: unknown) => {
      if (!(error instanceof StartError)) throw error;
      throw new StartError(`The backup cannot be restored: ${error.message}`, { cause: error });
    });
    return { manifest, survey, faults: faultsOf(manifest, survey) };
  } finally {
    progress.clear();
    scratch.remove();
  }
}

/** What keeps a look from being good. */
export function faultsOf(manifest: Manifest, survey: Survey): string[] {
  const differences = manifest.survey ? differencesOf(manifest.survey.rows, survey.rows) : [];
  const broken = survey.invariants.filter(({ violations }) => violations > 0);
  return [
    ...differences.map((line) => `${line}.`),
    ...broken.map(({ id, violations }) => `The rule ${id} is broken in ${violations} places.`),
  ];
}
