import { audit, booksOf } from "../audit/audit.ts";
import type { Finding } from "../audit/auditor.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { CommandContext } from "./command.ts";
import { withDatabases } from "./with-databases.ts";

const linesMax = 20;

/** Checks every invariant on the books of all services; fails when one does not hold. Safe beside a running shop. */
export async function check(context: CommandContext): Promise<void> {
  await withDatabases(context, async (databases) => {
    const findings = await audit(booksOf(databases), { restSeconds: 10 }, systemClock);
    for (const finding of findings) for (const line of linesOf(finding)) context.print(line);
    const broken = findings.filter(({ violations }) => violations.length > 0);
    if (broken.length > 0)
      throw new StartError(`${broken.length} of ${findings.length} invariants do not hold.`);
    context.print(`All ${findings.length} invariants hold in ${databases.size} databases.`);
  });
}

function linesOf({ invariant, violations }: Finding): string[] {
  if (violations.length === 0) return [`  holds   ${invariant.id}: ${invariant.sentence}`];
  const more = violations.length > linesMax ? [`          and ${violations.length - linesMax} more`] : [];
  return [
    `  BROKEN  ${invariant.id}: ${invariant.sentence}`,
    ...violations.slice(0, linesMax).map((violation) => `          ${violation}`),
    ...more,
  ];
}
