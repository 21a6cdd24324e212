import { audit, booksOf } from "../audit/audit.ts";
import { openAuditDatabases } from "../audit/audit-databases.ts";
import type { Finding } from "../audit/auditor.ts";
import { AuditConfig } from "../audit/config.ts";
import { asOf, findRestoredMoment } from "../backup/restored-mark.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { namedReaderHome, type ReaderHome } from "#platform/database/reader-home.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";
import type { Paint } from "./paint.ts";

const linesMax = 20;
const progressEveryMs = 2_000;

/** Checks every invariant on the books of all services; fails when one does not hold. Safe beside a running shop. */
export async function check(context: CommandContext): Promise<void> {
  const { shop, environment, stop, note } = context;
  const config = readConfig(
    { ...PlatformConfig, ...AuditConfig },
    { LOG_FORMAT: "pretty", LOG_LEVEL: "warn", ...environment },
  );
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  // Where every database is named, none is looked for.
  const isNamed = Object.keys(AuditConfig).every((name) => config[name as keyof typeof AuditConfig]);
  const server = isNamed
    ? undefined
    : await openDatabases({ config, environment, print: note, stop, mayJoin: true, mustExist: true });
  try {
    const readers: ReaderHome = server?.readers ?? namedReaderHome(environment);
    const look = async (home: ReaderHome) => {
      const databases = await openAuditDatabases(shop, home, {
        clock: systemClock,
        log,
        // Readers can be made for all of them; where only some are named, the others may be nobody's here to read.
        isWhole: server?.readers !== undefined,
      });
      try {
        const progress = progressOf(note);
        judge(await audit(booksOf(databases.byService), { restSeconds: 10 }, systemClock, progress), context);
      } finally {
        await databases.close();
      }
    };
    const at = server?.own && findRestoredMoment(config.STOA_DATA);
    if (!server?.own || at === undefined) return await look(readers);
    note(`This shop has not run since it was restored: it is judged as of ${at}.`);
    await asOf({ shop, server: server.own, at }, readers, look);
  } finally {
    await server?.stop();
  }
}

/** Says now and then how far it is; a small shop is done before. */
function progressOf(print: (line: string) => void): (part: string, count: number) => void {
  let saidMs = systemClock.monotonicMs();
  return (part, count) => {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - saidMs < progressEveryMs) return;
    saidMs = nowMs;
    print(`  ${part}: ${count.toLocaleString("en")} looked at`);
  };
}

function judge(findings: readonly Finding[], { options, print, paint }: CommandContext): void {
  if (options["json"]) print(JSON.stringify({ findings: findings.map(factsOf) }, undefined, 2));
  else for (const finding of findings) for (const line of linesOf(finding, paint)) print(line);
  const broken = findings.filter(({ violations }) => violations.length > 0);
  if (broken.length > 0)
    throw new StartError(`${broken.length} of ${findings.length} invariants do not hold.`);
  if (!options["json"]) print(`All ${findings.length} invariants hold.`);
}

function factsOf({ invariant: { id, sentence }, violations }: Finding) {
  return { id, sentence, holds: violations.length === 0, violations };
}

function linesOf({ invariant, violations }: Finding, paint: Paint): string[] {
  if (violations.length === 0)
    return [`  ${paint("green", "holds ")}  ${invariant.id}: ${invariant.sentence}`];
  const more = violations.length > linesMax ? [`          and ${violations.length - linesMax} more`] : [];
  return [
    `  ${paint("red", "BROKEN")}  ${invariant.id}: ${invariant.sentence}`,
    ...violations.slice(0, linesMax).map((violation) => `          ${violation}`),
    ...more,
  ];
}
