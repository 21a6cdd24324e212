import { resolve } from "node:path";
import { restoreBackup } from "../backup/restore-backup.ts";
import { faultsOf } from "../backup/drill-backup.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { readSetup, requireEmbedded } from "./backup-setup.ts";
import type { CommandContext } from "./command.ts";

/** `restore PATH`: puts a backup into the empty data folder. */
export async function restore(context: CommandContext): Promise<void> {
  const { shop, args, options, note, print, stop } = context;
  await requireEmbedded(context);
  const { key, places, progress } = readSetup(context);
  const path = resolve(args[0] ?? "");
  const isForced = options["force"] === true;
  const { manifest, survey, aside } = await restoreBackup({
    ...{ shop, path, places, key, isForced, progress, note, stop },
  });
  if (aside !== undefined) note(`What was there before is in ${aside}.`);
  const newest = survey.newestOrder;
  print(
    `The shop in ${places.dataFolder} is as it was at ${manifest.at}${newest ? `; its newest order is ${newest.number}` : ""}. Start it with: stoa serve all`,
  );
  const faults = faultsOf(manifest, survey);
  if (faults.length > 0)
    throw new StartError(
      `It was restored as it was saved, but not all rules hold in it. ${faults.join(" ")} stoa check says more.`,
    );
}
