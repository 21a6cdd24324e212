import { resolve } from "node:path";
import { restoreBackup } from "../backup/restore-backup.ts";
import { faultsOf } from "../backup/drill-backup.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { UsageError } from "./usage-error.ts";
import { readSetup, requireEmbedded } from "./backup-setup.ts";
import type { CommandContext } from "./command.ts";

/** `restore PATH`: puts a backup into the empty data folder. */
export async function restore(context: CommandContext): Promise<void> {
  const { shop, args, options, note, print, stop } = context;
  await requireEmbedded(context);
  const { config, key, places, progress } = readSetup(context);
  const later = laterOf(options["at"], config.WAL_ARCHIVE_TO);
  const path = resolve(args[0] ?? "");
  const isForced = options["force"] === true;
  const { manifest, at, survey, aside } = await restoreBackup({
    ...{ shop, path, places, key, isForced, later, progress, note, stop },
  });
  if (aside !== undefined) note(`What was there before is in ${aside}.`);
  const newest = survey.newestOrder;
  print(
    `The shop in ${places.dataFolder} is as it was at ${at}${newest ? `; its newest order is ${newest.number}` : ""}. Start it with: stoa serve all`,
  );
  const faults = faultsOf(later ? { ...manifest, survey: null } : manifest, survey);
  if (faults.length > 0)
    throw new StartError(
      `It was restored as it was saved, but not all rules hold in it. ${faults.join(" ")} stoa check says more.`,
    );
}

/** A later moment than that of the backup: as ISO 8601 with its zone, or the latest that the archive of the log knows. */
function laterOf(said: string | true | undefined, archive: string | undefined) {
  if (typeof said !== "string") return undefined;
  if (archive === undefined)
    throw new StartError(
      "A moment is restored from the archive of the log. Set WAL_ARCHIVE_TO to the folder that the shop wrote it to.",
    );
  if (said === "latest") return { until: undefined, archive };
  const until = new Date(said);
  if (!/T.*(Z|[+-]\d\d:?\d\d)$/.test(said) || Number.isNaN(until.getTime()))
    throw new UsageError(
      `"${said}" is no moment. Say one such as --at 2026-11-26T13:05:00Z, or --at latest.`,
    );
  return { until, archive };
}
