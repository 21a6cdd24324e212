import type { Answer, Route } from "#platform/web/answer.ts";
import { readBackups, readInvariants } from "../../ops/books.ts";
import { readShop } from "../../ops/shop-report.ts";
import { readTraces, type ListedTrace } from "../../ops/traces.ts";
import { readCheckouts, readTasks } from "../../ops/work.ts";
import { overviewParts } from "../../views/ops/overview.ts";
import { servicesParts } from "../../views/ops/services.ts";
import { findingsOf } from "../../views/ops/verdict.ts";
import type { AdminVisit } from "../../visit.ts";
import { opsAnswer, optional } from "./answer.ts";

export const overviewRoutes: readonly Route<AdminVisit>[] = [
  { method: "GET", url: "/ops", page: overviewPage },
  { method: "GET", url: "/ops/services", page: servicesPage },
];

const tracesShown = 3;

async function overviewPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaffToLook();
  const { ctx, words } = visit;
  const [report, tasks, checkouts, invariants, backups, failed, slowest, days] = await Promise.all([
    readShop(ctx),
    optional(readTasks(ctx)),
    optional(readCheckouts(ctx)),
    optional(readInvariants(ctx)),
    optional(readBackups(ctx)),
    optional(readTraces(ctx, { isFailed: true, limit: tracesShown })),
    optional(readTraces(ctx, { order: "slowest", limit: 60 })),
    ctx.figures.read(async (from, until) => await visit.ask("getFigures", { query: { from, until } })),
  ]);
  const known = { tasks, checkouts, invariants: invariants ?? { isKnown: false as const }, backups };
  const findings = findingsOf(words, report, { atMs: report.atMs, ...known });
  const parts = overviewParts(words, {
    ...{ report, findings, days, ...known },
    ...{ failed: failed ?? [], slowest: (slowest ?? []).filter(isOfTheShop).slice(0, tracesShown) },
  });
  return opsAnswer(visit, { room: "overview", heading: words.text("ops.heading"), parts });
}

async function servicesPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaffToLook();
  const { ctx, words } = visit;
  const parts = servicesParts(words, await readShop(ctx));
  return opsAnswer(visit, { room: "services", heading: words.text("ops.services.heading"), parts });
}

/** The ops room's own looks are no news to whoever makes them. */
function isOfTheShop({ name }: ListedTrace): boolean {
  return !/\/admin\/ops|OperationsService|ProcessService/.test(name);
}
