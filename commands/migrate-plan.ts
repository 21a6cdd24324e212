import { planService } from "#platform/database/database-home.ts";
import type { MigrationPlan, PlannedEffect, PlannedMigration } from "#platform/database/migration-plan.ts";
import { readConfig } from "#platform/kit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";
import type { Paint } from "./paint.ts";

/** Longer than this, people notice that something waits. */
const noticedSeconds = 1;

/** What bringing every database up to date would do to the data that is there. Changes no table. */
export async function planAll(context: CommandContext): Promise<void> {
  const { shop, environment, options, print, note, stop, paint } = context;
  const config = readConfig(PlatformConfig, environment);
  const split = shop.services.map(({ name }) => name);
  const open = { config, environment, print: note, stop, mayJoin: true, split, mustExist: true };
  const databases = await openDatabases(open);
  const plans: Record<string, MigrationPlan> = {};
  try {
    for (const { name, load } of shop.services) {
      const definition = await load();
      if (definition.database === undefined) continue;
      plans[name] = await planService(definition, await databases.home(definition), environment);
    }
  } finally {
    await databases.stop();
  }
  if (options["json"]) print(JSON.stringify({ plans }, undefined, 2));
  else for (const line of linesOf(plans, paint)) print(line);
}

function linesOf(plans: { readonly [service: string]: MigrationPlan }, paint: Paint): string[] {
  const lines: string[] = [];
  for (const [service, plan] of Object.entries(plans)) {
    lines.push(`${paint("bold", service)}: ${headOf(plan)}`);
    for (const label of plan.future)
      lines.push(`  ${paint("yellow", label)} is of a newer release${newerEnd(label)}`);
    if (!plan.isNew) for (const migration of plan.migrations) lines.push(...migrationLines(migration, paint));
  }
  const all = Object.values(plans).flatMap(({ isNew, migrations }) => (isNew ? [] : migrations));
  return [...lines, "", verdictOf(all)];
}

function newerEnd(label: string): string {
  return label.endsWith("(breaking)")
    ? "; this one cannot start with it."
    : ", and this one works beside it.";
}

function headOf({ isNew, migrations }: MigrationPlan): string {
  if (isNew) return `new; ${migrations.length} migrations make its tables, and nobody waits.`;
  if (migrations.length === 0) return "up to date.";
  return migrations.length === 1 ? "1 migration is missing." : `${migrations.length} migrations are missing.`;
}

function migrationLines(migration: PlannedMigration, paint: Paint): string[] {
  const { scope, number, name, isOpen, isBreaking, effects } = migration;
  const marks = [
    ...(isOpen ? ["outside a transaction"] : []),
    ...(isBreaking ? [paint("red", "breaking: end all programs of the release before first")] : []),
  ];
  const head = `  ${scope}/${number} ${name}${marks.length > 0 ? ` (${marks.join("; ")})` : ""}`;
  if (effects.length === 0) return [head, "    touches no table that holds data"];
  return [head, ...effects.flatMap((effect) => effectLines(effect, isOpen, paint))];
}

function effectLines(effect: PlannedEffect, isOpen: boolean, paint: Paint): string[] {
  const { statement, table, lock, rows, bytes } = effect;
  const size =
    rows === undefined || bytes === undefined
      ? ""
      : ` (${rows === 1 ? "1 row" : `${count(rows)} rows`}, ${sizeText(bytes)})`;
  const what = [
    `${workWords[effect.work]}${table === undefined ? "" : ` ${table}`}${size}`,
    timeText(effect),
  ];
  const isFelt = isNoticed(effect, isOpen);
  const wait = `${waitWords[effect.waits]}${isFelt && effect.work !== "unknown" ? ` for ${timeText({ seconds: effect.heldSeconds })}` : ""}`;
  return [
    `    ${what.join(", ")}; ${isFelt ? paint("yellow", wait) : wait}${lock === undefined ? "" : ` [${lock}]`}`,
    `      ${paint("dim", statement)}`,
  ];
}

const workWords = {
  moment: "touches",
  scan: "reads all of",
  rewrite: "writes anew all of",
  index: "builds an index on",
  rows: "changes rows of",
  unknown: "runs code whose work its text does not tell",
} as const;

const waitWords = {
  nobody: "nobody waits",
  writes: "writes to it wait",
  everybody: "everybody who reads or writes it waits",
} as const;

function timeText({ seconds }: Pick<PlannedEffect, "seconds">): string {
  if (seconds === undefined) return "time unknown";
  if (seconds < 0.1) return "a moment";
  if (seconds < 1) return "less than a second";
  return seconds < 120 ? `about ${Math.ceil(seconds)} s` : `about ${Math.ceil(seconds / 60)} min`;
}

function isNoticed({ waits, heldSeconds, work }: PlannedEffect, isOpen: boolean): boolean {
  if (work === "unknown" && !isOpen) return true;
  return waits !== "nobody" && (heldSeconds ?? 0) > noticedSeconds;
}

function verdictOf(migrations: readonly PlannedMigration[]): string {
  if (migrations.length === 0) return "Nothing is to be done to tables that hold data.";
  const felt = migrations.filter(({ effects, isOpen }) =>
    effects.some((effect) => isNoticed(effect, isOpen)),
  );
  const breaking = migrations.filter(({ isBreaking }) => isBreaking);
  const labels = (list: readonly PlannedMigration[]) =>
    list.map(({ scope, number }) => `${scope}/${number}`).join(", ");
  if (breaking.length > 0)
    return `The release before cannot work with what ${labels(breaking)} leaves. Back up, end its programs, then migrate.`;
  if (felt.length > 0)
    return `People may notice ${labels(felt)}. Migrate in a quiet hour. A lock that is not had within three seconds is given up, and the migration is rolled back.`;
  return "Nobody should notice. A lock that is not had within three seconds is given up, and the migration is rolled back.";
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${Math.round(bytes / 1024 ** power)} ${units[power] ?? ""}`;
}
